// See model.h.
#include "runtime/torch/model.h"

#include <cmath>

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/beside/problem.h"
#include "runtime/torch/bundle.h"

namespace wfc::learn {

using namespace beside;

namespace {

constexpr const char* kFormat = "wfr-torch unet 1";
/// Samples that are worked on at once where no slope is asked for.
constexpr size_t kAtOnce = 32;

std::string textOf(const llvm::json::Value& value) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << value;
  return text;
}

/// The flat tensor of what a bundle holds under `prefix`, and the reverse.
Tensor gathered(const ReadBundle& bundle, const std::string& prefix, const Parameters& parameters) {
  std::vector<Tensor> parts;
  for (const Shape& shape : parameters.shapes())
    parts.push_back(bundle.numbers(prefix + shape.name, shape.count()).reshape({-1}));
  return at::cat(parts);
}

void scatter(Bundle& bundle, const std::string& prefix, const Parameters& parameters,
             const Tensor& flat) {
  std::vector<Tensor> views = parameters.viewsOf(flat);
  for (size_t n = 0; n < views.size(); ++n)
    bundle.tensors[prefix + parameters.shapes()[n].name] = views[n];
}

std::vector<Window> windowsOf(const llvm::json::Array& list) {
  std::vector<Window> windows;
  for (const llvm::json::Value& entry : list) {
    const llvm::json::Object* window = entry.getAsObject();
    if (window == nullptr) continue;
    windows.push_back({window->getString("start").value_or("").str(),
                       window->getString("end").value_or("").str(),
                       window->getNumber("rmse").value_or(0)});
  }
  return windows;
}

}  // namespace

std::vector<std::string> Model::names() const {
  std::vector<std::string> names;
  for (const Variable& variable : variables) names.push_back(variable.name);
  return names;
}

void Model::bringTo(at::Device place) {
  for (Tensor* tensor : {&mean, &deviation, &theta, &fisher}) *tensor = tensor->to(place);
}

Tensor Model::scaled(const Tensor& fields) const {
  return (fields - mean.view({1, -1, 1, 1})) / deviation.view({1, -1, 1, 1});
}

void Model::mustFit(const Fields& fields, const std::string& path) const {
  const char* fix = "a model goes on with the data that it began with";
  if (fields.rows() != rows || fields.columns() != columns || fields.goesAround() != net.around)
    fail(path,
         fmt::format("has a grid of {} x {} cells; the model was trained on {} x {}{}",
                     fields.rows(), fields.columns(), rows, columns,
                     fields.goesAround() == net.around ? "" : ", with other neighbours"),
         fix);
  if (fields.step() != step)
    fail(path,
         fmt::format("has a field every {}; the model tells what is {} later",
                     spanOf(fields.step()), spanOf(step)),
         fix);
  for (size_t n = 0; n < variables.size(); ++n) {
    const Variable &known = variables[n], &given = fields.variables()[n];
    if (known.units != given.units)
      fail(path,
           fmt::format("has `{}` in `{}`, the model in `{}`", given.name, given.units, known.units),
           fix);
  }
}

llvm::json::Array jsonOf(const std::vector<Window>& windows) {
  llvm::json::Array list;
  for (const Window& window : windows)
    list.push_back(
        llvm::json::Object{{"start", window.first}, {"end", window.last}, {"rmse", window.error}});
  return list;
}

std::string writeModel(const Model& model, const std::string& path) {
  llvm::json::Array variables;
  for (const Variable& variable : model.variables)
    variables.push_back(llvm::json::Object{{"name", variable.name}, {"units", variable.units}});
  Bundle bundle;
  bundle.texts = {{"format", kFormat},
                  {"about", textOf(llvm::json::Object{{"width", model.net.width},
                                                      {"depth", model.net.depth},
                                                      {"around", model.net.around},
                                                      {"rows", model.rows},
                                                      {"columns", model.columns},
                                                      {"step", model.step},
                                                      {"variables", std::move(variables)},
                                                      {"windows", jsonOf(model.windows)}})}};
  Unet net(model.net);
  bundle.tensors = {{"mean", model.mean}, {"deviation", model.deviation}};
  scatter(bundle, "weights.", net.parameters(), model.theta);
  scatter(bundle, "fisher.", net.parameters(), model.fisher);
  return write(bundle, path);
}

Model readModel(const std::string& path) {
  ReadBundle bundle = readBundle(path);
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(
      bundle.texts["format"] == kFormat ? bundle.text("about") : std::string("null"));
  const llvm::json::Object* about = parsed ? parsed->getAsObject() : nullptr;
  if (!parsed) llvm::consumeError(parsed.takeError());
  if (about == nullptr)
    fail(path, "is no U-Net of this program", "`wfr-torch train-unet` makes one");
  Model model;
  model.hash = bundle.hash;
  auto number = [&](llvm::StringRef name) { return about->getInteger(name).value_or(0); };
  model.rows = number("rows");
  model.columns = number("columns");
  model.step = number("step");
  if (const llvm::json::Array* list = about->getArray("variables")) {
    for (const llvm::json::Value& entry : *list) {
      if (const llvm::json::Object* one = entry.getAsObject())
        model.variables.push_back({one->getString("name").value_or("").str(),
                                   one->getString("units").value_or("").str()});
    }
  }
  if (const llvm::json::Array* list = about->getArray("windows")) model.windows = windowsOf(*list);
  auto count = static_cast<int64_t>(model.variables.size());
  model.net = {count, number("width"), number("depth"),
               about->getBoolean("around").value_or(false)};
  model.mean = bundle.numbers("mean", count);
  model.deviation = bundle.numbers("deviation", count);
  Unet net(model.net);
  model.theta = gathered(bundle, "weights.", net.parameters());
  model.fisher = gathered(bundle, "fisher.", net.parameters());
  return model;
}

Seconds dayIn(const std::string& text, const std::string& flag) {
  std::optional<Seconds> day = dayOf(text);
  if (!day) failUse(fmt::format("`{}` is a day such as 2025-01-31, not `{}`", flag, text));
  return *day;
}

Split splitOf(const Fields& fields, const std::string& first, const std::string& last) {
  Seconds begin = dayIn(first, "--start-date"), end = dayIn(last, "--end-date");
  if (end < begin) failUse(fmt::format("the window ends ({}) before it begins ({})", last, first));
  std::vector<Pair> pairs = fields.pairsIn(begin, end, 1);
  if (fields.step() == 0) throw Problem{{}, "there is one field only"};
  if (pairs.size() < 2)
    throw Problem{{},
                  fmt::format("there are {} pairs of fields {} apart from {} to {}", pairs.size(),
                              spanOf(fields.step()), first, last),
                  "a window needs at least two: one to learn from, one to judge by"};
  size_t cut = std::min(pairs.size() - 1, std::max<size_t>(1, pairs.size() * 4 / 5));
  auto middle = pairs.begin() + static_cast<ptrdiff_t>(cut);
  return {{pairs.begin(), middle}, {middle, pairs.end()}};
}

Batch batchOf(const Model& model, Fields& fields, const std::vector<Pair>& pairs) {
  std::vector<Tensor> now, later;
  for (const Pair& pair : pairs) {
    now.push_back(fields.at(pair.from));
    later.push_back(fields.at(pair.to));
  }
  return {model.scaled(at::stack(now)), model.scaled(at::stack(later))};
}

double errorOf(const Unet& net, const Model& model, Fields& fields, const std::vector<Pair>& pairs,
               const Tensor& theta) {
  c10::NoGradGuard guard;
  double sum = 0;
  int64_t count = 0;
  for (size_t from = 0; from < pairs.size(); from += kAtOnce) {
    size_t to = std::min(pairs.size(), from + kAtOnce);
    Batch batch = batchOf(
        model, fields,
        {pairs.begin() + static_cast<ptrdiff_t>(from), pairs.begin() + static_cast<ptrdiff_t>(to)});
    Tensor told = net.forward(theta, batch.now);
    sum += (told - batch.later).square().sum(at::kDouble).item<double>();
    count += told.numel();
  }
  return std::sqrt(sum / static_cast<double>(count));
}

}  // namespace wfc::learn
