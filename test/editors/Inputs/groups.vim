" What Vim makes of the first letter of some words, as `line word: groups`.
let s:words = [[1, 'What'], [2, 'kind'], [2, 'Model'], [2, 'file'], [2, 'pt'], [2, 'one'], [3, 'Float'], [4, 'needs'], [4, '2GiB'], [4, '90min'],
      \ [5, 'bash'], [6, 'for'], [6, 'rate'], [9, 'flow'], [10, 'in'], [11, 'name']]
let s:said = []
for [s:line, s:word] in s:words
  let s:column = stridx(getline(s:line), s:word) + 1
  call add(s:said, s:line . ' ' . s:word . ': ' . join(map(synstack(s:line, s:column), 'synIDattr(v:val, "name")'), ' '))
endfor
call writefile(s:said + ['shiftwidth ' . &shiftwidth], g:messages)
quitall!
