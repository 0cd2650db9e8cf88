# How everything is compiled: language, warnings, optimisation, linker, sanitizers.

option(WFC_FIRST "precompiled headers and eight sources at once: a quicker first build, where ccache has nothing yet" OFF)
option(WFC_SANITIZE "address and undefined behaviour sanitizers, dynamically linked" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(WFC_GENERATED ${CMAKE_BINARY_DIR}/generated)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# NDEBUG concerns the assertions of others; WFC_ASSERT is always on.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# For what runs once and moves little: about a quarter of its compiling is saved.
set(WFC_QUICK $<$<CONFIG:Release>:-O1>)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The base directory lets another checkout or build directory hit the same entries.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(wfc_options INTERFACE)
target_compile_options(wfc_options INTERFACE -Wall -Wextra -Wpedantic -Werror
  # libstdc++ 12's own stable_sort is deprecated in clang's eyes.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(WFC_FIRST)
  # g++ 12 sees an overflow in its own std::string that is none, and with precompiled headers no longer knows that it is its own.
  target_compile_options(wfc_options INTERFACE
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overread;-Wno-stringop-overflow>")
endif()
target_include_directories(wfc_options INTERFACE ${CMAKE_SOURCE_DIR} ${WFC_GENERATED})

if(WFC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
  # Sanitized code takes the optimizer most of an hour.
  set(CMAKE_CXX_FLAGS_RELEASE "-O0")
  set(WFC_QUICK)
  # LLVM and ANTLR come without annotations, so a container that crosses the border reads as
  # overflowing. The library's own assertions see what the sanitizers do not: an optional that is read while it is empty, an index
  # beyond a vector's end and within its room.
  add_compile_definitions(_GLIBCXX_SANITIZE_VECTOR=0 _GLIBCXX_ASSERTIONS)
  # g++ sees uninitialised uses that are none once the sanitizers rewrite the flow.
  target_compile_options(wfc_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
