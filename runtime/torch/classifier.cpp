// See classifier.h.
#include "runtime/torch/classifier.h"

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/beside/problem.h"
#include "runtime/torch/bundle.h"

namespace wfc::learn {

using namespace beside;

namespace {

constexpr const char* kClassifierFormat = "wfr-torch classifier 1";
/// Pictures that are worked on at once where no slope is asked for.
constexpr int64_t kPicturesAtOnce = 256;

}  // namespace

Pictures Pictures::part(int64_t from, int64_t to) const {
  return {cells.slice(0, from, to), classes.slice(0, from, to), count, hash};
}

Pictures readPictures(const std::string& path) {
  ReadBundle bundle = readBundle(path, false);
  auto cells = bundle.tensors.find("pictures"), classes = bundle.tensors.find("classes");
  const char* fix =
      "floats `pictures` [sample, layer, row, column] and `classes` [sample], numbers from 0";
  if (cells == bundle.tensors.end() || classes == bundle.tensors.end())
    fail(path, "has no pictures or no classes", fix);
  if (cells->second.dim() != 4 || classes->second.dim() != 1 || cells->second.numel() == 0 ||
      cells->second.size(0) != classes->second.size(0))
    fail(path, "has pictures and classes whose shapes do not fit", fix);
  if (!at::isfinite(cells->second).all().item<bool>())
    fail(path, "has a picture with what is no number");
  Pictures pictures{cells->second, classes->second.to(at::kLong), 0, bundle.hash};
  bool areWhole = at::equal(pictures.classes.to(at::kFloat), classes->second);
  if (!areWhole || pictures.classes.min().item<int64_t>() < 0)
    fail(path, "has a class that is no number from 0", fix);
  pictures.count = pictures.classes.max().item<int64_t>() + 1;
  return pictures;
}

Tensor seen(const Tensor& cells, double contrast, double noise, at::Generator chances) {
  Tensor blur = at::empty_like(cells);
  blur.normal_(0, 1, std::move(chances));
  return cells * contrast + blur * noise;
}

std::string writeClassifier(const Classifier& classifier, const std::string& path) {
  const RecurrentSettings& net = classifier.net;
  std::string about;
  llvm::raw_string_ostream out(about);
  out << llvm::json::Value(llvm::json::Object{{"layers", net.layers},
                                              {"classes", net.classes},
                                              {"channels", net.channels},
                                              {"timesteps", net.timesteps},
                                              {"recurrence", net.recurrence},
                                              {"rows", classifier.rows},
                                              {"columns", classifier.columns}});
  Bundle bundle;
  bundle.texts = {{"format", kClassifierFormat}, {"about", out.str()}};
  Recurrent recurrent(net);
  std::vector<Tensor> views = recurrent.parameters().viewsOf(classifier.theta);
  for (size_t n = 0; n < views.size(); ++n)
    bundle.tensors["weights." + recurrent.parameters().shapes()[n].name] = views[n];
  return write(bundle, path);
}

Classifier readClassifier(const std::string& path) {
  ReadBundle bundle = readBundle(path);
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(
      bundle.texts["format"] == kClassifierFormat ? bundle.text("about") : std::string("null"));
  const llvm::json::Object* about = parsed ? parsed->getAsObject() : nullptr;
  if (!parsed) llvm::consumeError(parsed.takeError());
  if (about == nullptr)
    fail(path, "is no classifier of this program", "`wfr-torch train-classifier` makes one");
  auto number = [&](llvm::StringRef name) { return about->getInteger(name).value_or(1); };
  Classifier classifier;
  classifier.net = {number("layers"), number("classes"), number("channels"), number("timesteps"),
                    about->getString("recurrence").value_or("full").str()};
  classifier.rows = number("rows");
  classifier.columns = number("columns");
  classifier.hash = bundle.hash;
  Recurrent recurrent(classifier.net);
  std::vector<Tensor> parts;
  for (const Shape& shape : recurrent.parameters().shapes())
    parts.push_back(bundle.numbers("weights." + shape.name, shape.count()).reshape({-1}));
  classifier.theta = at::cat(parts);
  return classifier;
}

Tensor scoresOf(const Recurrent& net, const Tensor& theta, const Tensor& pictures) {
  c10::NoGradGuard guard;
  std::vector<Tensor> parts;
  for (const Tensor& part : pictures.split(kPicturesAtOnce))
    parts.push_back(net.forward(theta, part.to(theta.device())).to(at::kCPU, at::kFloat));
  return at::cat(parts);
}

}  // namespace wfc::learn
