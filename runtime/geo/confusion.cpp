// See confusion.h. TP, FP, TN, FN are the four counts below.
#include "runtime/geo/confusion.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace wfc::geo {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Rates of a table of contingency. Where nothing else is said, Wikipedia, "Confusion matrix".
void addRates(const Confusion& counts, std::vector<Metric>& metrics) {
  auto tn = static_cast<double>(counts.trueNegative);
  auto fn = static_cast<double>(counts.falseNegative);
  auto fp = static_cast<double>(counts.falsePositive);
  auto tp = static_cast<double>(counts.truePositive);
  double all = tp + fp + tn + fn;
  double sensitivity = tp / (tp + fn), specificity = tn / (tn + fp), fallout = fp / (fp + tn);
  // What would be right by chance: Gilbert's score, WWRP/WGNE "Forecast Verification", ETS.
  double chance = (tp + fp) * (tp + fn) / all;
  metrics.insert(
      metrics.end(),
      {{"ACC", (tp + tn) / all},
       {"Bal_ACC", (sensitivity + specificity) / 2},
       {"CSI", tp / (tp + fn + fp)},
       {"EQUITABLE_THREAT_SCORE", (tp - chance) / (tp + fn + fp - chance)},
       {"F1_SCORE", 2 * tp / (2 * tp + fp + fn)},
       // The false discovery rate, which meteorology calls the false alarm ratio.
       {"FAR", fp / (fp + tp)},
       // The probability not detected: the false negative rate.
       {"PND", fn / (fn + tp)},
       {"FALSE_OMISSION_RATE", fn / (fn + tn)},
       {"FALSE_POSITIVE_RATE", fallout},
       {"FOWLKES_MALLOW_INDEX", std::sqrt(tp / (tp + fp) * (tp / (tp + fn)))},
       {"MCC", (tp * tn - fp * fn) / std::sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))},
       {"NEGATIVE_LIKELIHOOD_RATIO", fn / (fn + tp) / (tn / (tn + fp))},
       {"NPV", tn / (tn + fn)},
       // Frequency bias: how often wet is said to how often it is.
       {"BIAS", (tp + fp) / (tp + fn)},
       {"POSITIVE_LIKELIHOOD_RATIO", sensitivity / fallout},
       {"PPV", tp / (tp + fp)},
       // Of the candidate, as in the tables this one is like; that of the benchmark is obsPositive.
       {"PREVALENCE", (tp + fp) / all},
       {"PREVALENCE_THRESHOLD", std::sqrt(fallout) / (std::sqrt(sensitivity) + std::sqrt(fallout))},
       {"TNR", specificity},
       {"TPR", sensitivity},
       {"contingency_tot_count", all},
       {"TP_perc", tp / all * 100},
       {"FP_perc", fp / all * 100},
       {"TN_perc", tn / all * 100},
       {"FN_perc", fn / all * 100}});
}

/// Square kilometres of each class.
void addAreas(const Confusion& counts, double cellArea, std::vector<Metric>& metrics) {
  auto area = [&](uint64_t cells) { return static_cast<double>(cells) * cellArea / 1e6; };
  double candidate = area(counts.truePositive + counts.falsePositive);
  double benchmark = area(counts.truePositive + counts.falseNegative);
  metrics.insert(
      metrics.end(),
      {{"cell_area_m2", cellArea},
       {"TP_area_km2", area(counts.truePositive)},
       {"FP_area_km2", area(counts.falsePositive)},
       {"TN_area_km2", area(counts.trueNegative)},
       {"FN_area_km2", area(counts.falseNegative)},
       {"contingency_tot_area_km2", area(counts.compared())},
       {"predPositive_area_km2", candidate},
       {"predNegative_area_km2", area(counts.trueNegative + counts.falseNegative)},
       {"obsPositive_area_km2", benchmark},
       {"obsNegative_area_km2", area(counts.trueNegative + counts.falsePositive)},
       {"positiveDiff_area_km2", candidate - benchmark},
       {"masked_count", static_cast<double>(counts.masked)},
       {"masked_perc", counts.masked == 0
                           ? 0
                           : static_cast<double>(counts.masked) /
                                 static_cast<double>(counts.compared() + counts.masked) * 100},
       {"masked_area_km2", counts.masked == 0 ? 0 : area(counts.masked)}});
}

/// What candidate ("pred") and benchmark ("obs") say, in hundredths of what is compared.
void addShares(const Confusion& counts, std::vector<Metric>& metrics) {
  auto share = [&](uint64_t cells) {
    return static_cast<double>(cells) / static_cast<double>(counts.compared()) * 100;
  };
  double candidate = share(counts.truePositive + counts.falsePositive);
  double benchmark = share(counts.truePositive + counts.falseNegative);
  metrics.insert(metrics.end(),
                 {{"predPositive_perc", candidate},
                  {"predNegative_perc", share(counts.trueNegative + counts.falseNegative)},
                  {"obsPositive_perc", benchmark},
                  {"obsNegative_perc", share(counts.trueNegative + counts.falsePositive)},
                  {"positiveDiff_perc", candidate - benchmark}});
}

}  // namespace

std::vector<Metric> metricsOf(const Confusion& counts, std::optional<double> cellArea) {
  std::vector<Metric> metrics = {
      {"false_negatives_count", static_cast<double>(counts.falseNegative)},
      {"false_positives_count", static_cast<double>(counts.falsePositive)},
      {"true_negatives_count", static_cast<double>(counts.trueNegative)},
      {"true_positives_count", static_cast<double>(counts.truePositive)}};
  addRates(counts, metrics);
  addAreas(counts, cellArea.value_or(kNone), metrics);
  addShares(counts, metrics);
  return metrics;
}

std::string tableOf(const std::vector<Metric>& metrics) {
  std::string names, values;
  for (const Metric& metric : metrics) {
    names += fmt::format("{}{}", names.empty() ? "" : ",", metric.name);
    // The sign of "not a number" tells nothing.
    double value = std::isnan(metric.value) ? std::abs(kNone) : metric.value;
    values += fmt::format("{}{:#}", values.empty() ? "" : ",", value);
  }
  return names + "\n" + values + "\n";
}

}  // namespace wfc::geo
