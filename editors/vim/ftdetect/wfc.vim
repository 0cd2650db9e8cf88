autocmd BufNewFile,BufRead *.wf setfiletype wfc
