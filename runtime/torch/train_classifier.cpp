// `wfr-torch train-classifier`: trains a recurrent convolutional network on pictures.
#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/torch/classifier.h"
#include "runtime/torch/command.h"
#include "runtime/torch/course.h"
#include "runtime/torch/device.h"

namespace wfc::learn {

namespace {

struct Wish {
  std::string loss;
  double dropout = 0, noise = 0;
};

Wish wishOf(const base::Given& given) {
  Wish wish{wordOf(given, "--loss", {"cross_entropy", "smoothed", "squared"})};
  wish.dropout = decimalOf(given, "--dropout").value_or(0);
  wish.noise = decimalOf(given, "--noise").value_or(0);
  if (wish.dropout < 0 || wish.dropout >= 1) failUse("`--dropout` is from 0 to below 1");
  if (wish.noise < 0) failUse("`--noise` is 0 or above");
  return wish;
}

Classifier fresh(const base::Given& given, const Pictures& pictures, uint64_t seed) {
  Classifier classifier;
  classifier.net = {pictures.cells.size(1), std::max<int64_t>(2, pictures.count),
                    numberOf(given, "--channels", 1, 4096, 8),
                    numberOf(given, "--timesteps", 1, 1000, 2),
                    wordOf(given, "--recurrence", recurrences())};
  classifier.rows = pictures.cells.size(2);
  classifier.columns = pictures.cells.size(3);
  classifier.theta = Recurrent(classifier.net).initial(seed);
  return classifier;
}

/// The loss of scores by the numbers of the right classes.
Tensor lossOf(const std::string& name, const Tensor& scores, const Tensor& classes) {
  if (name == "squared")
    return at::mse_loss(at::softmax(scores, 1),
                        at::one_hot(classes, scores.size(1)).to(at::kFloat));
  return at::cross_entropy_loss(scores, classes, {}, at::Reduction::Mean, -100,
                                name == "smoothed" ? 0.1 : 0.0);
}

std::string identity(const Course& course, const Wish& wish, const Classifier& classifier,
                     const Pictures& pictures) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::json::Value(llvm::json::Object{{"data", pictures.hash},
                                              {"channels", classifier.net.channels},
                                              {"timesteps", classifier.net.timesteps},
                                              {"recurrence", classifier.net.recurrence},
                                              {"loss", wish.loss},
                                              {"dropout", wish.dropout},
                                              {"noise", wish.noise},
                                              {"epochs", course.epochs},
                                              {"batch", course.batch},
                                              {"rate", course.rate},
                                              {"seed", course.seed}});
  return out.str();
}

/// The share of pictures whose class is told wrongly.
double wrongShare(const Tensor& scores, const Tensor& classes) {
  return scores.argmax(1).ne(classes).to(at::kDouble).mean().item<double>();
}

Learnt train(const Classifier& classifier, const Pictures& pictures, const Wish& wish,
             const Course& course, const Device& device) {
  Recurrent net(classifier.net);
  int64_t all = pictures.cells.size(0), cut = std::min(all - 1, std::max<int64_t>(1, all * 4 / 5));
  Pictures learnt = pictures.part(0, cut), heldOut = pictures.part(cut, all);
  // A GPU that has to be sent its pictures again and again waits for them.
  at::Device home = learnt.cells.nbytes() <= kHeldBytes ? device.place : at::Device(at::kCPU);
  learnt.cells = learnt.cells.to(home);
  learnt.classes = learnt.classes.to(home);
  Tensor unseen = seen(heldOut.cells, 1, wish.noise, chancesOf(course.seed, 5)).to(home);
  Lessons lessons;
  lessons.samples = cut;
  lessons.loss = [&](const Tensor& theta, const std::vector<int64_t>& chosen, int64_t step) {
    Tensor places = at::tensor(chosen, at::kLong).to(home);
    // Noise and dropout follow from the number of the step.
    at::Generator chances = chancesOf(course.seed, 4, static_cast<uint64_t>(step), home);
    Tensor cells = seen(learnt.cells.index_select(0, places), 1, wish.noise, chances), kept;
    if (wish.dropout > 0) {
      kept = at::empty({places.size(0), classifier.net.channels}, cells.options());
      kept.bernoulli_(1 - wish.dropout, chances).div_(1 - wish.dropout);
    }
    Tensor scores = net.forward(theta.to(device.products), cells.to(device.place), kept);
    return lossOf(wish.loss, scores, learnt.classes.index_select(0, places).to(device.place));
  };
  lessons.heldOut = [&](const Tensor& theta) {
    return wrongShare(scoresOf(net, theta, unseen), heldOut.classes);
  };
  return follow(course, lessons, classifier.theta.to(device.place));
}

}  // namespace

Summary trainClassifierVerb(const base::Given& given) {
  Device device = deviceOf(given);
  Wish wish = wishOf(given);
  Course course = courseOf(given);
  mustBeWritable(given, {"--output", "--checkpoint"});
  Pictures pictures = readPictures(given.get("--data"));
  if (pictures.cells.size(0) < 2)
    fail(given.get("--data"), "has one picture only", "one to learn from, one to judge by");
  Classifier classifier = fresh(given, pictures, course.seed);
  course.request = identity(course, wish, classifier, pictures);
  Learnt learnt = train(classifier, pictures, wish, course, device);
  classifier.theta = learnt.theta;
  std::string hash = writeClassifier(classifier, given.get("--output"));
  return {fmt::format("{:.1f} % right of what was held out", 100 * (1 - learnt.heldOut)),
          llvm::json::Object{{"accuracy", 1 - learnt.heldOut},
                             {"steps", learnt.steps},
                             {"parameters", classifier.theta.numel()},
                             {"device", device.place.is_cuda() ? "cuda" : "cpu"},
                             {"blake3", hash}}};
}

}  // namespace wfc::learn
