; Made by `./dev regen` from editors/tree_sitter.py.
["enum" "export" "flow" "import" "kind" "program" "record" "secret" "task"] @keyword
["any" "as" "at" "await" "batches" "budget" "by" "down" "else" "every" "first" "for" "from" "grouped" "if" "in" "is" "last" "least" "made" "most" "of" "otherwise" "pool" "publish" "repeat" "step" "stop" "stream" "then" "to" "until" "when"] @keyword
["after" "age" "bash" "before" "check" "conda" "container" "deadline" "delay" "end" "ended" "env" "exclusive" "exit" "fill" "free" "growing" "keep" "limit" "modules" "needs" "node" "on" "per" "priority" "python" "refill" "resume" "retry" "sh" "shared" "signal" "slices" "store" "temp" "timeout" "with"] @keyword
["bands" "crs" "dir" "dtype" "file" "files" "header" "key" "magic" "nodata" "out" "parent" "probe" "rows" "schema" "set" "size"] @keyword.modifier
["and" "not" "or"] @keyword.operator
["false" "none" "true"] @constant.builtin
["->" "==" "!=" "<=" ">=" "<" ">" "=" "+" "-" "*" "/" "%" "..." ".." "?" "|"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
(text ["\"" "\"\"\""] @string)
; A word of the language is a name where a name stands.
(name _ @variable)
(any_name _ @variable.member)
(comment) @comment
[(string_content) (script_content)] @string
(escape) @string.escape
(hole ["@{" "@raw{" "}"] @punctuation.special)
(format) @string.special
[(integer) (quantity)] @number
(float) @number.float
[(date) (instant)] @constant
(flag_name) @variable.parameter
(need_key) @property
(import_decl (name _ @module))
(task_decl "task" . (name _ @function))
(flow_head "flow" . (name _ @function))
(program_decl "program" . (name _ @function))
(kind_decl "kind" . (name _ @type))
(enum_decl "enum" . (name _ @type))
(record_decl "record" . (name _ @type))
(base_type (dotted (name _ @type)))
(param . (any_name (name _ @variable.parameter)))
(argument . (any_name (name _ @variable.parameter)) ":")
(call_stmt (dotted (name _ @function.call)))
(postfix (primary (name _ @function.call)) . (postfix_op (arguments)))
