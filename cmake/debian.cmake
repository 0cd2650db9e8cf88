# Run by cpack on each component before it becomes a Debian package: what Debian wants otherwise than other systems.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  set(usr ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  set(doc ${usr}/share/doc/${component})
  file(MAKE_DIRECTORY ${doc})
  if(EXISTS ${usr}/share/zsh/site-functions)
    file(RENAME ${usr}/share/zsh/site-functions ${usr}/share/zsh/vendor-completions)
  endif()
  file(REMOVE ${doc}/LICENSE)
  file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: wfc

Files: *
Copyright: 2026 The wfc developers
License: Apache-2.0
 On Debian systems, the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
")
  file(WRITE ${doc}/changelog "wfc (${CPACK_PACKAGE_VERSION}) unstable; urgency=low

  * See the history of the sources.

 -- ${CPACK_PACKAGE_CONTACT}  Thu, 01 Jan 2026 00:00:00 +0000
")
  file(GLOB pages ${usr}/share/man/man1/*.1 ${doc}/changelog)
  execute_process(COMMAND gzip -9nf ${pages} COMMAND_ERROR_IS_FATAL ANY)
  # Static, as far as that can be, so that they run on any node.
  set(overrides "${component}: statically-linked-binary *\n${component}: embedded-library *\n")
  if(component STREQUAL wfc)
    # Called by wfr alone.
    string(APPEND overrides "wfc: no-manual-page [usr/bin/wfr-nvml]\n")
  endif()
  file(WRITE ${usr}/share/lintian/overrides/${component} ${overrides})
endforeach()
