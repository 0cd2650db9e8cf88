# wfc_antlr(TARGET LEXER file.g4 PARSER file.g4 DIR dir NAMESPACE ns): C++ from a grammar pair.
#
# Debian's tool is 4.7.2 and its runtime 4.9; they fit but for the u8"…" literals of the lexer's
# tables, hence -fno-char8_t. The generated files are a library of their own, so that this flag and -w
# stay with them. The package's own CMake function does not work (its jar is not self-contained).
function(wfc_antlr target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LEXER;PARSER;DIR;NAMESPACE" "")
  find_program(ANTLR4_TOOL antlr4 REQUIRED)
  get_filename_component(lexer ${arg_LEXER} NAME_WE)
  get_filename_component(parser ${arg_PARSER} NAME_WE)
  set(flags -Werror -Dlanguage=Cpp -no-listener -no-visitor -package ${arg_NAMESPACE}
            -Xexact-output-dir -o ${arg_DIR})
  add_custom_command(
    OUTPUT ${arg_DIR}/${lexer}.cpp ${arg_DIR}/${lexer}.h ${arg_DIR}/${lexer}.tokens
    COMMAND ${ANTLR4_TOOL} ${flags} ${arg_LEXER}
    DEPENDS ${arg_LEXER} VERBATIM)
  add_custom_command(
    OUTPUT ${arg_DIR}/${parser}.cpp ${arg_DIR}/${parser}.h
    COMMAND ${ANTLR4_TOOL} ${flags} -lib ${arg_DIR} ${arg_PARSER}
    DEPENDS ${arg_PARSER} ${arg_DIR}/${lexer}.tokens VERBATIM)
  add_library(${target} STATIC ${arg_DIR}/${lexer}.cpp ${arg_DIR}/${parser}.cpp)
  target_compile_options(${target} PRIVATE -fno-char8_t -w)
  target_include_directories(${target} PRIVATE ${WFC_GENERATED} ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC wfc_antlr)
endfunction()
