// The compiled part of toml++, as a static library without exceptions.
//
// Header-only, each file that includes it would cost ten seconds; this way it is paid once. Users
// get TOML_HEADER_ONLY=0 and TOML_EXCEPTIONS=0 from the target wfc_toml.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
