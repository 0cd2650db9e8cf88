" Two blanks, comments of two slashes, and `gq` that gives the whole file its layout.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal expandtab shiftwidth=2 softtabstop=2 commentstring=//\ %s comments=:///,://!,://
if executable('wfc')
  setlocal makeprg=wfc\ check\ --format=github\ %
  setlocal errorformat=::%trror\ file=%f\\,line=%l\\,endLine=%*\\d\\,col=%c\\,%.%#::%m
  setlocal errorformat+=::%tarning\ file=%f\\,line=%l\\,endLine=%*\\d\\,col=%c\\,%.%#::%m
  command! -buffer WfcFormat silent write | silent !wfc fmt % | edit | redraw!
endif
