" Where `:make` leads to.
silent make!
call writefile(map(filter(getqflist(), 'v:val.valid'), 'bufname(v:val.bufnr) . ":" . v:val.lnum . ":" . v:val.col . ": " . v:val.text'), g:messages)
quitall!
