// Accounts of a site, which its file gives by reference.
#pragma once

#include <string>

namespace wfc::run {

/// `@env:NAME` is what NAME holds in the environment; anything else stands for itself. False, with
/// `wrong`: it refers to nothing.
bool resolveAccount(const std::string& reference, std::string& account, std::string& wrong);

}  // namespace wfc::run
