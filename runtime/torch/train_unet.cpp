// `wfr-torch train-unet`: trains a U-Net on a window of gridded fields, from scratch or from a
// model that earlier windows made, which elastic weight consolidation and replay keep from being
// forgotten.
#include <cmath>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/beside/given.h"
#include "runtime/torch/command.h"
#include "runtime/torch/course.h"
#include "runtime/torch/device.h"
#include "runtime/torch/ewc.h"
#include "runtime/torch/model.h"

namespace wfc::learn {

namespace {

/// Samples from which the Fisher information is estimated, at most.
constexpr int64_t kFisherSamples = 256;
/// Moments from which the scale of the variables is taken, at most.
constexpr size_t kScaleMoments = 64;

/// What is asked for beside the course.
struct Request {
  std::string first, last;
  double lambda = 0, fading = 0.9, replay = 0;
};

Request requestOf(const base::Given& given) {
  Request request{given.get("--start-date"), given.get("--end-date")};
  request.lambda = decimalOf(given, "--ewc-lambda").value_or(0);
  request.fading = decimalOf(given, "--fading").value_or(0.9);
  request.replay = decimalOf(given, "--replay").value_or(0);
  if (request.lambda < 0) failUse("`--ewc-lambda` is 0 or above");
  if (request.fading < 0 || request.fading > 1) failUse("`--fading` is from 0 to 1");
  if (request.replay < 0 || request.replay > 100) failUse("`--replay` is from 0 to 100");
  return request;
}

/// The mean and the deviation of each variable over all data that is there, also beyond the window:
/// what is rare in the first one has its scale from the others.
void measure(Model& model, Fields& fields) {
  Tensor sum = at::zeros({model.net.variables}, at::kDouble), square = sum.clone();
  size_t count = std::min(fields.moments(), kScaleMoments);
  for (size_t n = 0; n < count; ++n) {
    Tensor cells = fields.at(n * fields.moments() / count).to(at::kDouble);
    sum += cells.mean({1, 2});
    square += cells.square().mean({1, 2});
  }
  auto all = static_cast<double>(count);
  Tensor mean = sum / all, spread = (square / all - mean.square()).clamp_min(0).sqrt();
  model.mean = mean.to(at::kFloat);
  // What never changes has no scale.
  model.deviation = at::where(spread > 1e-12, spread, at::ones_like(spread)).to(at::kFloat);
}

/// A model before its first step, or the one to go on with.
Model beginning(const base::Given& given, Fields& fields, uint64_t seed) {
  Model model;
  auto count = static_cast<int64_t>(fields.variables().size());
  model.net = {count, numberOf(given, "--width", 1, 1024, 16), numberOf(given, "--depth", 0, 8, 2),
               fields.goesAround()};
  model.variables = fields.variables();
  model.rows = fields.rows();
  model.columns = fields.columns();
  model.step = fields.step();
  if (int64_t least = int64_t{1} << model.net.depth; std::min(model.rows, model.columns) < least)
    failUse(fmt::format("`--depth {}` needs at least {} rows and columns; the grid has {} x {}",
                        model.net.depth, least, model.rows, model.columns));
  measure(model, fields);
  Unet net(model.net);
  model.theta = net.initial(seed);
  model.fisher = at::zeros_like(model.theta);
  return model;
}

/// The model at `--model-path`; what was said of its shape must be true.
Model earlier(const base::Given& given) {
  Model model = readModel(given.get("--model-path"));
  for (auto [flag, is] : {std::pair("--width", model.net.width), {"--depth", model.net.depth}}) {
    if (given.has(flag) && numberOf(given, flag, 0, 1024, 0) != is)
      failUse(fmt::format("`{} {}`, and the model has {}", flag, given.get(flag), is));
  }
  return model;
}

/// A hash of the fields that pairs are of, and of their scale.
std::string hashOf(const Model& model, Fields& fields, const std::vector<Pair>& pairs) {
  llvm::BLAKE3 hash;
  auto add = [&](const Tensor& tensor) {
    hash.update({static_cast<const uint8_t*>(tensor.data_ptr()), tensor.nbytes()});
  };
  add(model.mean);
  add(model.deviation);
  for (const Pair& pair : pairs) {
    add(fields.at(pair.from));
    add(fields.at(pair.to));
  }
  return llvm::toHex(hash.final(), true);
}

/// Everything the result depends on.
std::string identity(const Course& course, const Request& request, const Model& model,
                     const std::string& data) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::json::Value(llvm::json::Object{{"start", request.first},
                                              {"end", request.last},
                                              {"data", data},
                                              {"model", model.hash},
                                              {"width", model.net.width},
                                              {"depth", model.net.depth},
                                              {"lambda", request.lambda},
                                              {"replay", request.replay},
                                              {"epochs", course.epochs},
                                              {"batch", course.batch},
                                              {"rate", course.rate},
                                              {"seed", course.seed}});
  return text;
}

/// Some of the earlier pairs, which the number of the step decides.
void recall(std::vector<Pair>& batch, const std::vector<Pair>& earlier, const Request& request,
            uint64_t seed, int64_t step) {
  auto count = std::llround(request.replay * static_cast<double>(batch.size()));
  if (earlier.empty() || count == 0) return;
  Tensor places = at::randint(0, static_cast<int64_t>(earlier.size()), {count},
                              chancesOf(seed, 3, static_cast<uint64_t>(step)), at::kLong);
  for (int64_t n = 0; n < count; ++n)
    batch.push_back(earlier[static_cast<size_t>(places[n].item<int64_t>())]);
}

/// What earlier windows were learnt from.
std::vector<Pair> earlierPairs(const Fields& fields, const Model& model, const Request& request) {
  std::vector<Pair> pairs;
  for (const Window& window : model.windows) {
    if (request.replay == 0) break;
    Split split = splitOf(fields, window.first, window.last);
    pairs.insert(pairs.end(), split.learnt.begin(), split.learnt.end());
  }
  return pairs;
}

Tensor fisherAfter(const Unet& net, const Model& model, Fields& fields, const Split& split,
                   uint64_t seed) {
  auto all = static_cast<int64_t>(split.learnt.size()), count = std::min(all, kFisherSamples);
  return fisherOf(model.theta, count, seed, [&](const Tensor& theta, int64_t n) {
    // Evenly over the window.
    Batch batch = batchOf(model, fields, {split.learnt[static_cast<size_t>(n * all / count)]});
    return net.forward(theta, batch.now);
  });
}

/// What is learnt from.
struct Data {
  Fields& fields;
  Split split;
  std::vector<Pair> before;
};

/// Trains, and makes `model` what it is after the window.
Learnt train(Model& model, const Data& data, const Request& request, const Course& course,
             const Device& device) {
  auto& [fields, split, before] = data;
  Unet net(model.net);
  fields.bringTo(device.place);
  model.bringTo(device.place);
  Tensor anchor = model.theta, fisher = model.fisher;
  Lessons lessons;
  lessons.samples = static_cast<int64_t>(split.learnt.size());
  lessons.loss = [&](const Tensor& theta, const std::vector<int64_t>& chosen, int64_t step) {
    std::vector<Pair> pairs;
    for (int64_t n : chosen) pairs.push_back(split.learnt[static_cast<size_t>(n)]);
    recall(pairs, before, request, course.seed, step);
    Batch batch = batchOf(model, fields, pairs);
    Tensor told = net.forward(theta.to(device.products), batch.now);
    Tensor loss = at::mse_loss(told, batch.later);
    if (request.lambda == 0 || model.windows.empty()) return loss;
    return loss + consolidation(theta, anchor, fisher, request.lambda);
  };
  lessons.heldOut = [&](const Tensor& theta) {
    return errorOf(net, model, fields, split.heldOut, theta);
  };
  Learnt learnt = follow(course, lessons, anchor);
  model.theta = learnt.theta;
  model.fisher = request.fading * fisher + fisherAfter(net, model, fields, split, course.seed);
  model.windows.push_back({request.first, request.last, learnt.heldOut});
  return learnt;
}

}  // namespace

Summary trainUnetVerb(const base::Given& given) {
  Device device = deviceOf(given);
  Request request = requestOf(given);
  Course course = courseOf(given);
  mustBeWritable(given, {"--output", "--checkpoint"});
  bool isFirst = !given.has("--model-path");
  Model model = isFirst ? Model{} : earlier(given);
  if (!isFirst && given.has("--variables") && given.listOf("--variables") != model.names())
    failUse("`--variables` are others than those of the model");
  Fields fields(given.words, isFirst ? given.listOf("--variables") : model.names());
  if (!isFirst) model.mustFit(fields, given.words.front());
  Data data{fields, splitOf(fields, request.first, request.last), {}};
  if (isFirst) model = beginning(given, fields, course.seed);
  data.before = earlierPairs(fields, model, request);
  std::vector<Pair> all = data.split.learnt;
  for (const std::vector<Pair>* more : {&data.split.heldOut, &data.before})
    all.insert(all.end(), more->begin(), more->end());
  course.request = identity(course, request, model, hashOf(model, fields, all));
  Learnt learnt = train(model, data, request, course, device);
  std::string hash = writeModel(model, given.get("--output"));
  return {fmt::format("{} to {}, {} windows by now: error {:.4f} on what was held out",
                      request.first, request.last, model.windows.size(), learnt.heldOut),
          llvm::json::Object{{"rmse", learnt.heldOut},
                             {"steps", learnt.steps},
                             {"parameters", model.theta.numel()},
                             {"samples", static_cast<int64_t>(data.split.learnt.size())},
                             {"device", device.place.is_cuda() ? "cuda" : "cpu"},
                             {"blake3", hash},
                             {"windows", jsonOf(model.windows)}}};
}

}  // namespace wfc::learn
