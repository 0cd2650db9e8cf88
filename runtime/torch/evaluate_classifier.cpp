// `wfr-torch evaluate-classifier`: how many pictures a network tells rightly, under levels of
// noise.
#include <fmt/format.h>

#include "compiler/base/json.h"

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/torch/classifier.h"
#include "runtime/torch/command.h"
#include "runtime/torch/device.h"

namespace wfc::learn {

namespace {

std::vector<double> levelsOf(const base::Given& given) {
  std::vector<double> levels;
  for (const std::string& word : given.listOf("--noise")) {
    double level = 0;
    if (llvm::StringRef(word).getAsDouble(level) || !(level >= 0) || level > 1e6)
      failUse(fmt::format("`--noise` are numbers from 0 with commas, not `{}`", word));
    levels.push_back(level);
  }
  return levels.empty() ? std::vector<double>{0} : levels;
}

/// Right and wrong of one level: rows are what pictures are, columns what was told.
llvm::json::Object testOf(const Tensor& scores, const Pictures& pictures, double noise) {
  int64_t classes = scores.size(1), count = scores.size(0);
  Tensor told = scores.argmax(1);
  Tensor table = at::bincount(pictures.classes * classes + told, {}, classes * classes);
  llvm::json::Array rows;
  for (int64_t row = 0; row < classes; ++row) {
    llvm::json::Array cells;
    for (int64_t column = 0; column < classes; ++column)
      cells.push_back(table[row * classes + column].item<int64_t>());
    rows.push_back(std::move(cells));
  }
  double right = told.eq(pictures.classes).sum().item<double>() / static_cast<double>(count);
  double loss = at::cross_entropy_loss(scores, pictures.classes).item<double>();
  return llvm::json::Object{{"noise", noise},
                            {"accuracy", right},
                            {"cross_entropy", loss},
                            {"confusion", std::move(rows)}};
}

void mustFit(const Classifier& classifier, const Pictures& pictures, const std::string& path) {
  if (pictures.cells.size(1) != classifier.net.layers || pictures.count > classifier.net.classes)
    fail(path, fmt::format("has {} layers and {} classes; the network was trained on {} and {}",
                           pictures.cells.size(1), pictures.count, classifier.net.layers,
                           classifier.net.classes));
}

}  // namespace

Summary evaluateClassifierVerb(const base::Given& given) {
  Device device = deviceOf(given);
  auto seed = static_cast<uint64_t>(numberOf(given, "--seed", 0, 1 << 30, 1));
  double contrast = decimalOf(given, "--contrast").value_or(1);
  std::vector<double> levels = levelsOf(given);
  Aside aside(folderOf(given.get("--output")));
  Classifier classifier = readClassifier(given.get("--model-path"));
  Pictures pictures = readPictures(given.get("--data"));
  mustFit(classifier, pictures, given.get("--data"));
  Recurrent net(classifier.net);
  Tensor theta = classifier.theta.to(device.place, device.products);
  llvm::json::Array tests;
  double sum = 0;
  for (double noise : levels) {
    Tensor cells = seen(pictures.cells, contrast, noise, chancesOf(seed, 6));
    llvm::json::Object test = testOf(scoresOf(net, theta, cells), pictures, noise);
    sum += test.getNumber("accuracy").value_or(0);
    tests.push_back(std::move(test));
  }
  double mean = sum / static_cast<double>(levels.size());
  int64_t count = pictures.cells.size(0);
  llvm::json::Object all{{"model", classifier.hash},
                         {"timesteps", classifier.net.timesteps},
                         {"recurrence", classifier.net.recurrence},
                         {"channels", classifier.net.channels},
                         {"contrast", contrast},
                         {"pictures", count},
                         {"tests", std::move(tests)}};
  aside.publishText(base::jsonText(std::move(all), 2) + "\n", given.get("--output"));
  return {fmt::format("{:.1f} % right of {} pictures", 100 * mean, count),
          llvm::json::Object{{"accuracy", mean}, {"pictures", count}}};
}

}  // namespace wfc::learn
