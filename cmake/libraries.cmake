# How the parts are declared. A folder's CMakeLists.txt is one line: wfc_library(check DEPS ir syntax).

# Links `target` to those of the named folders which exist, so that a folder may be named before it
# has been written.
function(wfc_link target)
  foreach(name IN LISTS ARGN)
    target_link_libraries(${target} PUBLIC $<TARGET_NAME_IF_EXISTS:${name}>)
  endforeach()
endfunction()

# Library wfc_NAME from every .cpp of the calling folder, except main.cpp.
#   DEPS   folders of compiler/ it may include;   LINK   other libraries
function(wfc_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS;LINK")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  wfc_static_library(wfc_${name} ${sources})
  target_link_libraries(wfc_${name} PUBLIC ${arg_LINK})
  foreach(dep IN LISTS arg_DEPS)
    wfc_link(wfc_${name} wfc_${dep})
  endforeach()
endfunction()

# Precompiled once for all: what else a library defines is not read by these headers.
if(WFC_FIRST)
  add_library(wfc_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  target_link_libraries(wfc_pch PUBLIC wfc_options wfc_llvm wfc_fmt)
  target_precompile_headers(wfc_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
endif()

# Compiles eight sources of a folder as one. Not of two folders: within one no two own names are alike (test/house.py).
function(wfc_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(source ${ARGN})
    get_filename_component(folder ${source} DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" group)
    list(APPEND of_${group} ${source})
    list(LENGTH of_${group} count)
    math(EXPR part "(${count} - 1) / 8")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group}${part})
  endforeach()
endfunction()

# A static library with our warnings, include paths and the libraries allowed everywhere. Without
# sources it still exists, so that others can link to it.
function(wfc_static_library target)
  if(ARGN)
    add_library(${target} STATIC ${ARGN})
    target_link_libraries(${target} PUBLIC wfc_options wfc_llvm wfc_fmt)
    if(WFC_FIRST)
      target_precompile_headers(${target} REUSE_FROM wfc_pch)
      wfc_unite(${target} ${ARGN})
    endif()
  else()
    add_library(${target} STATIC ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
endfunction()

# The executable NAME, once its main file exists. Fully static, unless sanitized.
function(wfc_executable name main)
  file(GLOB present CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${main})
  if(NOT present)
    return()
  endif()
  add_executable(${name} ${main})
  wfc_link(${name} wfc_base ${ARGN})
  if(NOT WFC_SANITIZE)
    target_link_options(${name} PRIVATE -static)
  endif()
endfunction()
