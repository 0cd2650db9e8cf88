// `wfr-torch evaluate-unet`: how far what a U-Net tells is from what came, and what it has
// forgotten.
#include <cmath>

#include <fmt/format.h>

#include "compiler/base/json.h"

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/torch/command.h"
#include "runtime/torch/device.h"
#include "runtime/torch/model.h"

namespace wfc::learn {

namespace {

/// Sums over pairs of what was told and what came, for each variable: [variable] of doubles.
struct Sums {
  double count = 0;
  Tensor told, came, toldSquare, cameSquare, product, wrong, wrongSquare, heldSquare;

  void add(const Tensor& now, const Tensor& guess, const Tensor& truth) {
    auto over = [](const Tensor& x) { return x.to(at::kDouble).sum({0, 2, 3}); };
    auto into = [](Tensor& sum, const Tensor& more) { sum = sum.defined() ? sum + more : more; };
    Tensor x = guess.to(at::kDouble), y = truth.to(at::kDouble);
    count += static_cast<double>(x.size(0) * x.size(2) * x.size(3));
    into(told, over(x));
    into(came, over(y));
    into(toldSquare, over(x.square()));
    into(cameSquare, over(y.square()));
    into(product, over(x * y));
    into(wrong, over((x - y).abs()));
    into(wrongSquare, over((x - y).square()));
    into(heldSquare, over((now.to(at::kDouble) - y).square()));
  }
};

/// The figures of one variable, in its units: by its deviation from the scale of the model.
llvm::json::Object figuresOf(const Sums& sums, int64_t variable, double deviation) {
  auto mean = [&](const Tensor& sum) { return sum[variable].item<double>() / sums.count; };
  double x = mean(sums.told), y = mean(sums.came);
  double spreadX = std::sqrt(std::max(0.0, mean(sums.toldSquare) - x * x));
  double spreadY = std::sqrt(std::max(0.0, mean(sums.cameSquare) - y * y));
  llvm::json::Object figures{{"rmse", std::sqrt(mean(sums.wrongSquare)) * deviation},
                             {"bias", (x - y) * deviation},
                             {"mae", mean(sums.wrong) * deviation},
                             {"persistence_rmse", std::sqrt(mean(sums.heldSquare)) * deviation}};
  // Where one of the two is the same everywhere there is none.
  figures["correlation"] = nullptr;
  if (spreadX > 1e-9 && spreadY > 1e-9)
    figures["correlation"] = (mean(sums.product) - x * y) / (spreadX * spreadY);
  return figures;
}

class Evaluation {
 public:
  Evaluation(const base::Given& given, const Model& model, Fields& fields, const Device& device)
      : model_(model),
        fields_(fields),
        device_(device),
        net_(model.net),
        theta_(model.theta),
        leads_(numberOf(given, "--leads", 1, 10'000, 1)),
        first_(given.get("--start-date")),
        last_(given.get("--end-date")),
        onlyHeldOut_(given.has("--held-out")) {}

  llvm::json::Object run(bool withEarlier) {
    std::vector<Sums> sums(static_cast<size_t>(leads_));
    std::vector<Pair> pairs = wanted();
    // One after the other: each begins with what came and goes on with what it told.
    for (const Pair& pair : pairs) follow(pair, sums);
    llvm::json::Object all{{"start", first_},
                           {"end", last_},
                           {"model", model_.hash},
                           {"step", spanOf(model_.step)},
                           {"samples", static_cast<int64_t>(pairs.size())},
                           {"rmse", errorOf(net_, model_, fields_, pairs, theta_)},
                           {"variables", variables(sums)}};
    if (withEarlier) addEarlier(all);
    return all;
  }

 private:
  std::vector<Pair> wanted() const {
    if (onlyHeldOut_) return splitOf(fields_, first_, last_).heldOut;
    Seconds first = dayIn(first_, "--start-date"), last = dayIn(last_, "--end-date");
    std::vector<Pair> pairs = fields_.pairsIn(first, last, 1);
    if (pairs.empty())
      throw Problem{{},
                    fmt::format("there is no pair of fields {} apart from {} to {}",
                                spanOf(fields_.step()), first_, last_)};
    return pairs;
  }

  Tensor scaled(size_t moment) const { return model_.scaled(fields_.at(moment).unsqueeze(0)); }

  /// Tells up to the last lead, or to the end of the window, or to where data are missing.
  void follow(const Pair& pair, std::vector<Sums>& sums) {
    c10::NoGradGuard guard;
    Seconds begin = fields_.timeOf(pair.from), end = dayIn(last_, "--end-date") + kDay;
    Tensor now = scaled(pair.from), told = now;
    size_t at = pair.to;
    for (int64_t lead = 1; lead <= leads_; ++lead, ++at) {
      Seconds time = begin + lead * model_.step;
      if (time >= end || at >= fields_.moments() || fields_.timeOf(at) != time) return;
      told = net_.forward(theta_.to(device_.products), told);
      sums[static_cast<size_t>(lead - 1)].add(now, told, scaled(at));
    }
  }

  llvm::json::Array variables(const std::vector<Sums>& sums) const {
    llvm::json::Array all;
    for (size_t n = 0; n < model_.variables.size(); ++n) {
      auto number = static_cast<int64_t>(n);
      auto deviation = static_cast<double>(model_.deviation[number].item<float>());
      llvm::json::Array leads;
      for (size_t lead = 0; lead < sums.size(); ++lead) {
        if (sums[lead].count == 0) continue;
        llvm::json::Object figures = figuresOf(sums[lead], number, deviation);
        figures["lead"] = static_cast<int64_t>(lead) + 1;
        figures["ahead"] = spanOf((static_cast<Seconds>(lead) + 1) * model_.step);
        leads.push_back(std::move(figures));
      }
      all.push_back(llvm::json::Object{{"name", model_.variables[n].name},
                                       {"units", model_.variables[n].units},
                                       {"leads", std::move(leads)}});
    }
    return all;
  }

  /// Each earlier window with its error right after it was learnt and now.
  void addEarlier(llvm::json::Object& all) {
    llvm::json::Array list;
    double rise = 0;
    for (const Window& window : model_.windows) {
      if (dayIn(window.first, "--start-date") >= dayIn(first_, "--start-date")) continue;
      std::vector<Pair> pairs = splitOf(fields_, window.first, window.last).heldOut;
      double now = errorOf(net_, model_, fields_, pairs, theta_);
      rise += now - window.error;
      list.push_back(llvm::json::Object{{"start", window.first},
                                        {"end", window.last},
                                        {"rmse", window.error},
                                        {"rmse_now", now},
                                        {"rise", now - window.error}});
    }
    all["forgetting"] = list.empty() ? 0.0 : rise / static_cast<double>(list.size());
    all["earlier"] = std::move(list);
  }

  const Model& model_;
  Fields& fields_;
  Device device_;
  Unet net_;
  Tensor theta_;
  int64_t leads_;
  std::string first_, last_;
  bool onlyHeldOut_;
};

}  // namespace

Summary evaluateUnetVerb(const base::Given& given) {
  Device device = deviceOf(given);
  Model model = readModel(given.get("--model-path"));
  Fields fields(given.words, model.names());
  model.mustFit(fields, given.words.front());
  fields.bringTo(device.place);
  model.bringTo(device.place);
  Aside aside(folderOf(given.get("--output")));
  llvm::json::Object all = Evaluation(given, model, fields, device).run(given.has("--earlier"));
  double error = all.getNumber("rmse").value_or(0);
  llvm::json::Object brief{{"rmse", error}, {"samples", all.getInteger("samples").value_or(0)}};
  std::string text = fmt::format("error {:.4f}", error);
  if (std::optional<double> forgetting = all.getNumber("forgetting")) {
    brief["forgetting"] = *forgetting;
    text += fmt::format(", {:+.4f} on earlier windows", *forgetting);
  }
  aside.publishText(base::jsonText(std::move(all), 2) + "\n", given.get("--output"));
  return {text, std::move(brief)};
}

}  // namespace wfc::learn
