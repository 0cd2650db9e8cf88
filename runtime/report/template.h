// The page around a report's data; its text is runtime/report/page.html.
#pragma once

#include <string_view>

namespace wfc::run {

extern const std::string_view kReportTemplate;

}  // namespace wfc::run
