# What comes from outside, always linked from static archives so that the binaries need nothing.
#
# Debian ships fmt and toml++ as shared libraries only: each gets one translation unit of ours here.
# No source of theirs is copied.

find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
find_package(antlr4-runtime 4.9 REQUIRED CONFIG)
find_library(WFC_SQLITE libsqlite3.a REQUIRED)
find_library(WFC_ZLIB libz.a REQUIRED)
find_library(WFC_ZSTD libzstd.a REQUIRED)
find_library(WFC_EXPAT libexpat.a REQUIRED)

# Debian's link interface names shared libraries (z3, zlib, zstd), of which Support needs only two.
set_property(TARGET LLVMSupport PROPERTY INTERFACE_LINK_LIBRARIES
             LLVMDemangle rt dl m ${WFC_ZLIB} ${WFC_ZSTD})
add_library(wfc_llvm INTERFACE)
target_include_directories(wfc_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_link_libraries(wfc_llvm INTERFACE LLVMSupport pthread)

# By path: the package's own target asks for libuuid, which it does not use.
add_library(wfc_antlr INTERFACE)
target_include_directories(wfc_antlr SYSTEM INTERFACE ${ANTLR4_INCLUDE_DIR})
target_link_libraries(wfc_antlr INTERFACE ${ANTLR4_LIB_DIR}/libantlr4-runtime.a pthread)

add_library(wfc_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cpp)

find_path(WFC_TOML_INCLUDE toml++/toml.h REQUIRED)
add_library(wfc_toml STATIC ${CMAKE_SOURCE_DIR}/cmake/toml.cpp)
target_compile_definitions(wfc_toml PUBLIC TOML_HEADER_ONLY=0 TOML_EXCEPTIONS=0)
target_compile_options(wfc_toml PRIVATE -w ${WFC_QUICK})

# Operators new and delete from jemalloc, for what allocates much and is waited for. Beside them, in one static program, its functions of C
# would stand in for some of the C library's and not for others: those get names of their own.
if(NOT WFC_SANITIZE)
  find_library(WFC_JEMALLOC libjemalloc.a REQUIRED)
  set(archive ${CMAKE_BINARY_DIR}/libwfc_jemalloc.a)
  set(renamed)
  foreach(name malloc free calloc realloc aligned_alloc posix_memalign memalign valloc malloc_usable_size)
    list(APPEND renamed --redefine-sym ${name}=jemalloc_${name})
  endforeach()
  add_custom_command(OUTPUT ${archive} COMMAND ${CMAKE_OBJCOPY} ${renamed} ${WFC_JEMALLOC} ${archive}
                     DEPENDS ${WFC_JEMALLOC} VERBATIM)
  add_custom_target(wfc_jemalloc_archive DEPENDS ${archive})
  add_library(wfc_jemalloc INTERFACE)
  add_dependencies(wfc_jemalloc wfc_jemalloc_archive)
  target_link_libraries(wfc_jemalloc INTERFACE ${archive} pthread)
endif()
