# What `cmake --install` puts where: programs, man pages, completions, documentation, editor files, module files. Everything below one
# prefix is found from the programs or from where the files lie, so the tree may be moved.
#
# Four components: wfc (static programs and all that is no program), wfr-geo, wfr-torch, wfr-s3.
include(GNUInstallDirs)

set(WFC_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "where completions of zsh go")
set(made ${CMAKE_BINARY_DIR}/share)

# wfc_pages(PROGRAM COMPONENT PAGE…): what the program prints of itself, and where it is installed. A page is `NAME=ARGUMENT…`.
function(wfc_pages program component)
  if(NOT TARGET ${program})
    return()
  endif()
  # What needs libraries of the system is installed where it was built.
  set(optional OPTIONAL)
  if(component STREQUAL wfc)
    set(optional)
  endif()
  set(outputs)
  foreach(page IN LISTS ARGN)
    string(REPLACE "=" ";" page "${page}")
    list(POP_FRONT page name)
    separate_arguments(words UNIX_COMMAND "${page}")
    add_custom_command(OUTPUT ${made}/${name} DEPENDS ${program} VERBATIM
                       COMMAND ${program} ${words} > ${made}/${name})
    list(APPEND outputs ${made}/${name})
    if(name MATCHES "\\.1$")
      set(folder ${CMAKE_INSTALL_MANDIR}/man1)
    elseif(name MATCHES "^_")
      set(folder ${WFC_ZSH_DIR})
    elseif(name MATCHES "\\.fish$")
      set(folder ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
    else()
      set(folder ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    endif()
    install(FILES ${made}/${name} DESTINATION ${folder} COMPONENT ${component} ${optional})
  endforeach()
  add_custom_target(${program}-pages ALL DEPENDS ${outputs})
  install(TARGETS ${program} RUNTIME COMPONENT ${component} ${optional})
endfunction()

file(MAKE_DIRECTORY ${made})
foreach(program wfc wfr wfr-geo wfr-torch wfr-s3)
  set(component ${program})
  if(program STREQUAL wfr)
    set(component wfc)
  endif()
  set(more)
  if(program STREQUAL wfr)
    set(more "wfr-move.1=docs man move")
  endif()
  wfc_pages(${program} ${component} "${program}.1=docs man" ${more} "${program}=completion bash" "_${program}=completion zsh"
            "${program}.fish=completion fish")
endforeach()

install(TARGETS wfr-nvml RUNTIME COMPONENT wfc)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT wfc)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT wfc)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT wfc PATTERN out EXCLUDE PATTERN .wfc EXCLUDE)
install(FILES editors/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/editors COMPONENT wfc)
install(DIRECTORY editors/vim/ DESTINATION ${CMAKE_INSTALL_DATADIR}/vim/vimfiles COMPONENT wfc)
install(DIRECTORY editors/vim/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nvim/site COMPONENT wfc)
install(DIRECTORY editors/tree-sitter-wf DESTINATION ${CMAKE_INSTALL_DATADIR}/wfc/editors COMPONENT wfc
        PATTERN .gitignore EXCLUDE PATTERN src EXCLUDE)
install(DIRECTORY editors/vscode/ DESTINATION ${CMAKE_INSTALL_DATADIR}/wfc/editors/vscode COMPONENT wfc
        PATTERN pack EXCLUDE PATTERN .vscodeignore EXCLUDE PATTERN node_modules EXCLUDE)

# One name for both: Lmod takes the file that ends in .lua, environment-modules the other.
file(RELATIVE_PATH WFC_MODULE_TO_PREFIX /${CMAKE_INSTALL_DATADIR}/modulefiles/wfc /)
string(REGEX REPLACE "/$" "" WFC_MODULE_TO_PREFIX "${WFC_MODULE_TO_PREFIX}")
configure_file(cmake/modulefile.tcl.in ${made}/modulefile @ONLY)
configure_file(cmake/modulefile.lua.in ${made}/modulefile.lua @ONLY)
foreach(end "" .lua)
  install(FILES ${made}/modulefile${end} DESTINATION ${CMAKE_INSTALL_DATADIR}/modulefiles/wfc RENAME ${PROJECT_VERSION}${end} COMPONENT wfc)
endforeach()
