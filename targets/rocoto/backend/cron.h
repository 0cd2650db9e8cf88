// The line of a crontab that goes on with a run, one a run, known by the path of its script.
#pragma once

#include <string>

namespace wfc::rocoto {

/// `* * * * * /runs/one/bin/step`
std::string cronLine(const std::string& run);
/// RUN/bin/step: what cron calls, with the environment that a step needs. Empty, or why not.
std::string writeStepScript(const std::string& run);
/// Adds the line to the user's crontab, once. Empty, or why not.
std::string installCron(const std::string& run);
/// Takes it out again, if `installCron` put it there. Empty, or what a person has to do.
std::string removeCron(const std::string& run);

}  // namespace wfc::rocoto
