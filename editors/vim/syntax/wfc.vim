" Syntax of wfc. Made by `./dev regen` from editors/grammars.py.
if exists('b:current_syntax')
  finish
endif
syntax include @wfcShell syntax/sh.vim
unlet! b:current_syntax
syntax include @wfcPython syntax/python.vim
unlet! b:current_syntax
syntax iskeyword @,48-57,_
syntax keyword wfcDeclaration import kind program enum record task flow secret export
syntax keyword wfcControl if then else for in repeat every from until step down to batches grouped by of at most least first last any await stop when publish budget pool stream as otherwise made is
syntax keyword wfcClause needs env modules conda container retry resume exit fill check sh bash python exclusive with delay growing signal before end slices limit refill per priority deadline after on ended temp keep node store shared age free timeout
syntax keyword wfcAttribute file dir set key parent rows out size files dtype nodata magic probe crs bands schema header
syntax keyword wfcOperator not and or
syntax keyword wfcConstant true false none
syntax keyword wfcType Bool Int Float String Path Date Time Duration Bytes Length Secret
syntax match wfcType /\<[A-Z]\w*\>/
syntax match wfcNumber /\<\d[0-9_]*\%(\.\d\+\)\?\%([eE][+-]\?\d\+\)\?\%(ms\|s\|min\|h\|d\|w\|month\|months\|year\|years\|B\|KiB\|MiB\|GiB\|TiB\|PiB\|kB\|KB\|MB\|GB\|TB\|PB\|um\|mm\|cm\|m\|km\)\?\>/
syntax match wfcNumber /\<\d\{4}-\d\d-\d\d\%(T[0-9:.]\+\%(Z\|[+-]\d\d:\d\d\)\?\)\?/
syntax match wfcFlag /--\a[0-9A-Za-z_-]*/
syntax match wfcComment /\/\/.*$/ contains=@Spell,wfcTodo
syntax match wfcDoc /\/\/[\/!].*$/ contains=@Spell,wfcTodo
syntax keyword wfcTodo TODO FIXME contained
syntax match wfcEscape /\\\%(u{\x\+}\|.\)/ contained
syntax match wfcEscape /@@\%(raw\)\?{/ contained
syntax cluster wfcCode contains=wfcDeclaration,wfcControl,wfcClause,wfcAttribute,wfcOperator,wfcConstant,wfcType,wfcNumber,wfcString
syntax region wfcHole matchgroup=wfcHoleEdge start=/@\%(raw\)\?{/ end=/}/ contained contains=@wfcCode containedin=shDoubleQuote,shSingleQuote,shEcho,shCommandSub,pythonString,pythonFString
syntax region wfcString start=/"/ skip=/\\./ end=/"\|$/ contains=wfcHole,wfcEscape
syntax region wfcString start=/"""/ end=/"""/ contains=wfcHole,wfcEscape
syntax region wfcShellScript matchgroup=wfcString start=/\%(\<\%(sh\|bash\)\s\+\)\@<="""/ end=/"""/ contains=wfcHole,wfcEscape,@wfcShell
syntax region wfcPythonScript matchgroup=wfcString start=/\%(\<python\s\+\)\@<="""/ end=/"""/ contains=wfcHole,wfcEscape,@wfcPython
syntax sync fromstart
highlight default link wfcDeclaration Structure
highlight default link wfcControl Repeat
highlight default link wfcClause Statement
highlight default link wfcAttribute StorageClass
highlight default link wfcOperator Operator
highlight default link wfcConstant Constant
highlight default link wfcType Type
highlight default link wfcNumber Number
highlight default link wfcFlag Identifier
highlight default link wfcComment Comment
highlight default link wfcDoc SpecialComment
highlight default link wfcTodo Todo
highlight default link wfcEscape SpecialChar
highlight default link wfcHoleEdge Special
highlight default link wfcString String
let b:current_syntax = 'wfc'
