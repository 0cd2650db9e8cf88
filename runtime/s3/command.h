// The verbs of `wfr-s3`.
#pragma once

#include "runtime/move/command.h"

namespace wfc::s3 {

llvm::ArrayRef<move::Command> commands();

int copyVerb(const base::Given& given);
int syncVerb(const base::Given& given);
int archiveVerb(const base::Given& given);
int listVerb(const base::Given& given);
int cleanVerb(const base::Given& given);

}  // namespace wfc::s3
