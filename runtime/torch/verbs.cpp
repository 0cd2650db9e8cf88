// The table of verbs: what each is called, takes and says of itself. See command.h.
#include <new>

#include <fmt/format.h>

#include "runtime/torch/command.h"
#include "runtime/torch/course.h"
#include "runtime/torch/device.h"

namespace wfc::learn {

namespace {

constexpr unsigned kMany = 1u << 30;

constexpr const char* kTrainUnet =
    "DATA are NetCDF files or folders of them (*.nc). A variable of (time, row, column) is a\n"
    "field; the network learns to tell the next one from each. Of the window, the last fifth is\n"
    "held out. With --model-path it goes on from that model; --ewc-lambda holds what earlier\n"
    "windows need of it, --replay shows it some of them again.";
constexpr const char* kEvaluateUnet =
    "Tells fields up to --leads steps ahead, each from the one told before, and writes how far\n"
    "they are from what came: by variable and lead rmse, bias, mae and correlation, in the\n"
    "units of the data, beside the rmse of telling that nothing changes.";

constexpr const char* kTrainClassifier =
    "DATA is a file in the format safetensors: floats `pictures` [sample, layer, row, column] and\n"
    "`classes` [sample]. The last fifth is held out. Channels are driven by the picture and hear\n"
    "what there was a moment before: themselves (self; depthwise: and around), all (pointwise;\n"
    "full: and around) or nothing (off).";
constexpr const char* kEvaluateClassifier =
    "For each level of noise, as a share of the pictures' unit: accuracy, cross entropy and who\n"
    "was taken for whom. The noise follows from the seed, the same for every network.";

std::vector<base::Flag> joined(std::initializer_list<std::vector<base::Flag>> lists) {
  std::vector<base::Flag> all;
  for (const std::vector<base::Flag>& list : lists) all.insert(all.end(), list.begin(), list.end());
  all.push_back({"--json", "", "what was done as JSON, on standard output"});
  all.push_back(
      {"--result", "FILE", "the same into a file; a step of a flow reads its values there"});
  return all;
}

/// What libtorch says of what went wrong, without the places in its sources.
std::string causeOf(const c10::Error& error) {
  llvm::StringRef text = error.what_without_backtrace();
  return text.split('\n').first.split(" (").first.str();
}

/// A verb whose failures inside libtorch are told as ours.
template <Summary (*verb)(const base::Given&)>
Summary told(const base::Given& given) {
  try {
    return verb(given);
  } catch (const c10::Error& error) {
    std::string cause = causeOf(error);
    bool isMemory = llvm::StringRef(cause).contains_insensitive("out of memory") ||
                    llvm::StringRef(cause).contains("can't allocate memory");
    throw Problem{{},
                  cause,
                  isMemory ? "a smaller --batch needs less of it" : "",
                  isMemory ? kNoMemory : Failed};
  } catch (const std::bad_alloc&) {
    throw Problem{{}, "the memory is used up", "a smaller --batch needs less of it", kNoMemory};
  }
}

/// Fields over time.
std::vector<Command> fieldVerbs() {
  return {{"train-unet",
           "DATA…",
           "trains a U-Net on a window of gridded fields, from scratch or on",
           kTrainUnet,
           joined({{{"--start-date", "DAY", "the first day of the window"},
                    {"--end-date", "DAY", "the last one"},
                    {"--output", "FILE", "the model"},
                    {"--model-path", "FILE", "the model that earlier windows made"},
                    {"--ewc-lambda", "X", "how much what they need is held, 0"},
                    {"--fading", "X", "what remains of that need a window later, 0.9"},
                    {"--replay", "X", "samples of earlier windows for each new one, 0"},
                    {"--variables", "NAME…", "with commas; all of the first file"},
                    {"--width", "N", "channels at the top, 16"},
                    {"--depth", "N", "how often fields are halved, 2"}},
                   courseFlags(),
                   deviceFlags()}),
           1,
           kMany,
           {"--start-date", "--end-date", "--output"},
           told<trainUnetVerb>},
          {"evaluate-unet",
           "DATA…",
           "says how far what a U-Net tells is from what came",
           kEvaluateUnet,
           joined({{{"--model-path", "FILE", "the model"},
                    {"--start-date", "DAY", "the first day to tell from"},
                    {"--end-date", "DAY", "the last day to tell"},
                    {"--output", "FILE", "the figures, JSON"},
                    {"--leads", "N", "steps ahead, 1"},
                    {"--held-out", "", "only the fifth of the window that is not learnt from"},
                    {"--earlier", "",
                     "and the windows that it was trained on before: what was forgotten"}},
                   deviceFlags()}),
           1,
           kMany,
           {"--model-path", "--start-date", "--end-date", "--output"},
           told<evaluateUnetVerb>}};
}

/// Pictures.
std::vector<Command> pictureVerbs() {
  return {{"train-classifier",
           "",
           "trains a recurrent convolutional network to tell what pictures are of",
           kTrainClassifier,
           joined({{{"--data", "DATA", "what to learn from"},
                    {"--output", "FILE", "the network"},
                    {"--timesteps", "N", "moments, 2"},
                    {"--recurrence", "KIND", "full, off, self, depthwise or pointwise"},
                    {"--channels", "N", "8"},
                    {"--loss", "NAME", "cross_entropy, smoothed or squared"},
                    {"--dropout", "X", "share of the means that are left out in a step, 0"},
                    {"--noise", "X", "on the pictures while it learns, 0"}},
                   courseFlags(),
                   deviceFlags()}),
           0,
           0,
           {"--data", "--output"},
           told<trainClassifierVerb>},
          {"evaluate-classifier",
           "",
           "says how many pictures a network tells rightly, under levels of noise",
           kEvaluateClassifier,
           joined({{{"--model-path", "FILE", "the network"},
                    {"--data", "DATA", "pictures that it did not learn from"},
                    {"--output", "FILE", "the figures, JSON"},
                    {"--noise", "X…", "levels, with commas; 0"},
                    {"--contrast", "X", "of the pictures, 1"},
                    {"--seed", "N", "of the noise, 1"}},
                   deviceFlags()}),
           0,
           0,
           {"--model-path", "--data", "--output"},
           told<evaluateClassifierVerb>}};
}

}  // namespace

llvm::ArrayRef<Command> commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> both = fieldVerbs();
    for (Command& command : pictureVerbs()) both.push_back(std::move(command));
    return both;
  }();
  return all;
}

}  // namespace wfc::learn
