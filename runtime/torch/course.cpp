// See course.h.
#include "runtime/torch/course.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>

#include <fmt/format.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/given.h"
#include "runtime/torch/bundle.h"
#include "runtime/torch/command.h"
#include "runtime/torch/parameters.h"

namespace wfc::learn {

namespace {

volatile std::sig_atomic_t wantsSave = 0, wantsEnd = 0;

void hear(int signal) { (signal == SIGTERM ? wantsEnd : wantsSave) = 1; }

/// Losses that are looked at together.
constexpr size_t kLossesAtOnce = 32;

/// Adam (Kingma and Ba 2015, algorithm 1).
struct Adam {
  Tensor mean, square;
  void step(Tensor& theta, const Tensor& slope, double rate, int64_t number) {
    constexpr double kMean = 0.9, kSquare = 0.999, kLeast = 1e-8;
    auto t = static_cast<double>(number);
    mean.mul_(kMean).add_(slope, 1 - kMean);
    square.mul_(kSquare).addcmul_(slope, slope, 1 - kSquare);
    Tensor wide = (square / (1 - std::pow(kSquare, t))).sqrt_().add_(kLeast);
    theta.addcdiv_(mean, wide, -rate / (1 - std::pow(kMean, t)));
  }
};

[[noreturn]] void failNumber(int64_t step) {
  throw Problem{{},
                fmt::format("the loss is no number any more at step {}", step),
                "a smaller --rate helps as a rule; look for outliers in the data too",
                kNoNumber};
}

class Training {
 public:
  Training(const Course& course, const Lessons& lessons, const Tensor& theta)
      : course_(course), lessons_(lessons) {
    theta_ = theta.detach().clone().set_requires_grad(true);
    adam_ = {at::zeros_like(theta_), at::zeros_like(theta_)};
    perEpoch_ = (lessons.samples + course.batch - 1) / course.batch;
    takeUp();
  }

  Learnt run() {
    heldOut_ = lessons_.heldOut(theta_);
    begun_ = std::chrono::steady_clock::now();
    while (step_ < course_.epochs * perEpoch_) {
      advance();
      bool ends = step_ % perEpoch_ == 0;
      if (ends) endEpoch();
      if (ends || wantsSave != 0 || wantsEnd != 0) save();
    }
    return {theta_.detach(), step_, heldOut_};
  }

 private:
  /// Goes on from the checkpoint, if it is one of this training.
  void takeUp() {
    std::error_code error;
    if (course_.checkpoint.empty() || !std::filesystem::exists(course_.checkpoint, error)) return;
    try {
      ReadBundle state = readBundle(course_.checkpoint);
      if (state.text("request") != course_.request) {
        fmt::print(stderr, "{} is left alone: it is of another training\n", course_.checkpoint);
        return;
      }
      c10::NoGradGuard guard;
      step_ = std::stoll(state.text("step"));
      theta_.copy_(state.numbers("theta", theta_.numel()));
      adam_.mean.copy_(state.numbers("mean", theta_.numel()));
      adam_.square.copy_(state.numbers("square", theta_.numel()));
      fmt::print(stderr, "goes on at step {}\n", step_);
    } catch (const Problem& problem) {
      fmt::print(stderr, "{} is left alone: {}\n", problem.path, problem.what);
    }
  }

  std::vector<int64_t> chosen() {
    int64_t epoch = step_ / perEpoch_, from = step_ % perEpoch_ * course_.batch;
    if (epoch != epoch_) {
      order_ = shuffled(lessons_.samples, course_.seed, static_cast<uint64_t>(epoch));
      epoch_ = epoch;
    }
    auto begin = order_.begin() + from;
    return {begin, begin + std::min(course_.batch, lessons_.samples - from)};
  }

  void advance() {
    theta_.mutable_grad().reset();
    Tensor loss = lessons_.loss(theta_, chosen(), step_);
    loss.backward();
    c10::NoGradGuard guard;
    adam_.step(theta_, theta_.grad(), course_.rate, ++step_);
    losses_.push_back(loss.detach());
    if (losses_.size() == kLossesAtOnce) look();
  }

  /// At the losses that were not looked at yet: whoever asks a GPU for each of them waits for each.
  void look() {
    if (losses_.empty()) return;
    Tensor values = at::stack(losses_).to(at::kCPU, at::kDouble);
    for (int64_t n = 0, count = values.numel(); n < count; ++n) {
      double value = values[n].item<double>();
      if (!std::isfinite(value)) failNumber(step_ - count + n + 1);
      sum_ += value;
      ++done_;
    }
    losses_.clear();
  }

  void endEpoch() {
    look();
    heldOut_ = lessons_.heldOut(theta_);
    if (!std::isfinite(heldOut_)) failNumber(step_);
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    fmt::print(stderr, "epoch {} of {}: loss {:.6f}, held out {:.6f}, {:.1f} steps/s\n",
               step_ / perEpoch_, course_.epochs, sum_ / static_cast<double>(done_), heldOut_,
               static_cast<double>(done_) / took.count());
    sum_ = 0;
    done_ = 0;
    begun_ = std::chrono::steady_clock::now();
  }

  void save() {
    bool mustEnd = wantsEnd != 0;
    wantsSave = 0;
    // Weights that are no numbers are found in the next step, and are not to be gone on with.
    if (!course_.checkpoint.empty() && at::isfinite(theta_).all().item<bool>()) {
      write({{{"theta", theta_}, {"mean", adam_.mean}, {"square", adam_.square}},
             {{"request", course_.request}, {"step", fmt::format("{}", step_)}}},
            course_.checkpoint);
    }
    if (!mustEnd) return;
    fmt::print(stderr, "ends at step {}\n", step_);
    std::signal(SIGTERM, SIG_DFL);
    std::raise(SIGTERM);
  }

  const Course& course_;
  const Lessons& lessons_;
  Tensor theta_;
  Adam adam_;
  std::vector<Tensor> losses_;
  int64_t perEpoch_ = 0, step_ = 0, epoch_ = -1, done_ = 0;
  double sum_ = 0, heldOut_ = 0;
  std::vector<int64_t> order_;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace

Learnt follow(const Course& course, const Lessons& lessons, const Tensor& theta) {
  struct sigaction action{};
  action.sa_handler = hear;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return Training(course, lessons, theta).run();
}

void mustBeWritable(const base::Given& given, const std::vector<llvm::StringRef>& flags) {
  for (llvm::StringRef flag : flags)
    if (given.has(flag)) Aside probe(folderOf(given.get(flag)));
}

std::vector<base::Flag> courseFlags() {
  return {{"--epochs", "N", "how often each sample is seen, 10"},
          {"--batch", "N", "samples of a step, 32"},
          {"--rate", "X", "of learning, 0.001"},
          {"--seed", "N", "what is left to chance follows from it, 1"},
          {"--checkpoint", "FILE",
           "the state after each epoch; the same command goes on from it, with the same bits"}};
}

Course courseOf(const base::Given& given) {
  constexpr int kMany = 1 << 30;
  Course course;
  course.epochs = numberOf(given, "--epochs", 0, kMany, 10);
  course.batch = numberOf(given, "--batch", 1, kMany, 32);
  course.seed = static_cast<uint64_t>(numberOf(given, "--seed", 0, kMany, 1));
  course.rate = decimalOf(given, "--rate").value_or(0.001);
  if (course.rate <= 0) failUse("`--rate` is above 0");
  course.checkpoint = given.get("--checkpoint");
  return course;
}

}  // namespace wfc::learn
