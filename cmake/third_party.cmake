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
