// The grammar of documents, as Rocoto's own schemas have it, in one table; a report says what is
// wrong at the tag, where a schema says that some element above did not validate.
#include <map>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "compiler/base/suggest.h"

#include "targets/rocoto/foreign/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

enum class Kind { Any, Truth, Count, Positive, Time, Length, State, MetaState, Share, Scheduler };
enum class Body { Elements, Times, Plain, Empty };

struct AttributeRule {
  llvm::StringRef name;
  Kind kind = Kind::Any;
  bool isNeeded = false;
};

struct ChildRule {
  llvm::StringRef name;
  size_t least = 0, most = 1;
};

constexpr size_t kMany = 1000000;

struct Rule {
  std::vector<AttributeRule> attributes;
  Body body = Body::Elements;
  Kind kind = Kind::Any;  ///< of a plain body
  std::vector<ChildRule> children = {};
};

const std::vector<llvm::StringRef>& conditions() {
  static const std::vector<llvm::StringRef> kAll = {
      "taskdep",   "metataskdep", "datadep", "timedep", "cycleexistdep",
      "taskvalid", "streq",       "strneq",  "true",    "false",
      "rb",        "sh",          "not",     "and",     "or",
      "nand",      "nor",         "xor",     "some"};
  return kAll;
}

Rule ofConditions(std::vector<AttributeRule> attributes = {}) {
  Rule rule{std::move(attributes)};
  for (llvm::StringRef name : conditions()) rule.children.push_back({name, 0, kMany});
  return rule;
}

Rule ofTask() {
  return {{{"name", Kind::Any, true},
           {"maxtries", Kind::Positive},
           {"throttle", Kind::Positive},
           {"cycledefs"},
           {"final", Kind::Truth}},
          Body::Elements,
          Kind::Any,
          {{"command", 1, 1},
           {"account"},
           {"queue"},
           {"partition"},
           {"cores"},
           {"nodes"},
           {"native", 0, kMany},
           {"walltime", 1, 1},
           {"memory"},
           {"join"},
           {"stdout"},
           {"stderr"},
           {"jobname"},
           {"nodesize"},
           {"envar", 0, kMany},
           {"dependency"},
           {"deadline"},
           {"hangdependency"},
           {"shared"},
           {"exclusive"},
           {"rewind"}}};
}

std::map<std::string, Rule> elementRules() {
  const Rule kTimes{{}, Body::Times}, kPlain{{}, Body::Plain};
  return {
      {"workflow",
       {{{"realtime", Kind::Truth, true},
         {"scheduler", Kind::Scheduler, true},
         {"cyclethrottle", Kind::Count},
         {"taskthrottle", Kind::Count},
         {"corethrottle", Kind::Count},
         {"duthrottle", Kind::Count},
         {"cyclelifespan", Kind::Length}},
        Body::Elements,
        Kind::Any,
        {{"log", 1, 1}, {"cycledef", 1, kMany}, {"task", 0, kMany}, {"metatask", 0, kMany}}}},
      {"log", {{{"verbosity", Kind::Count}}, Body::Times}},
      {"cycledef", {{{"group"}, {"activation_offset", Kind::Time}}, Body::Plain}},
      {"metatask",
       {{{"name"}, {"mode"}, {"throttle", Kind::Positive}},
        Body::Elements,
        Kind::Any,
        {{"var", 1, kMany}, {"task", 0, kMany}, {"metatask", 0, kMany}}}},
      {"var", {{{"name", Kind::Any, true}}, Body::Plain}},
      {"task", ofTask()},
      {"command", kTimes},
      {"account", kPlain},
      {"queue", kPlain},
      {"partition", kPlain},
      {"cores", {{}, Body::Plain, Kind::Positive}},
      {"nodes", kPlain},
      {"native", kTimes},
      {"walltime", {{}, Body::Plain, Kind::Length}},
      {"memory", kPlain},
      {"join", kTimes},
      {"stdout", kTimes},
      {"stderr", kTimes},
      {"jobname", kTimes},
      {"nodesize", kTimes},
      {"deadline", kTimes},
      {"shared", kPlain},
      {"exclusive", kPlain},
      {"rewind", {{}, Body::Elements, Kind::Any, {{"rb", 0, kMany}, {"sh", 0, kMany}}}},
      {"envar", {{}, Body::Elements, Kind::Any, {{"name", 1, 1}, {"value"}}}},
      {"name", kTimes},
      {"value", kTimes},
      {"cyclestr", {{{"offset", Kind::Time}}, Body::Plain}},
  };
}

std::map<std::string, Rule> conditionRules() {
  const Rule kTimes{{}, Body::Times}, kEmpty{{}, Body::Empty};
  return {
      {"dependency", ofConditions()},
      {"hangdependency", ofConditions()},
      {"and", ofConditions()},
      {"or", ofConditions()},
      {"nand", ofConditions()},
      {"nor", ofConditions()},
      {"xor", ofConditions()},
      {"not", ofConditions()},
      {"some", ofConditions({{"threshold", Kind::Share, true}})},
      {"taskdep",
       {{{"task", Kind::Any, true}, {"cycle_offset", Kind::Time}, {"state", Kind::State}},
        Body::Empty}},
      {"metataskdep",
       {{{"metatask", Kind::Any, true},
         {"cycle_offset", Kind::Time},
         {"state", Kind::MetaState},
         {"threshold", Kind::Share}},
        Body::Empty}},
      {"datadep", {{{"age", Kind::Length}, {"minsize"}}, Body::Times}},
      {"timedep", kTimes},
      {"cycleexistdep", {{{"cycle_offset", Kind::Time, true}}, Body::Empty}},
      {"taskvalid", {{{"task", Kind::Any, true}}, Body::Empty}},
      {"streq", {{}, Body::Elements, Kind::Any, {{"left", 1, 1}, {"right", 1, 1}}}},
      {"strneq", {{}, Body::Elements, Kind::Any, {{"left", 1, 1}, {"right", 1, 1}}}},
      {"left", kTimes},
      {"right", kTimes},
      {"true", kEmpty},
      {"false", kEmpty},
      {"rb", {{{"name"}}, Body::Times}},
      {"sh", {{{"name"}, {"shell"}, {"runopt"}}, Body::Times}},
  };
}

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> kRules = [] {
    std::map<std::string, Rule> all = elementRules();
    all.merge(conditionRules());
    return all;
  }();
  return kRules;
}

/// What a value must be, or empty if it is.
std::string wanted(Kind kind, llvm::StringRef value) {
  auto isOneOf = [&](std::initializer_list<llvm::StringRef> all) {
    return llvm::is_contained(all, value);
  };
  uint64_t number = 0;
  double share = 0;
  llvm::StringRef bare = value.trim();
  switch (kind) {
    case Kind::Any:
      return {};
    case Kind::Truth:
      return isOneOf({"f", "F", "false", "False", "FALSE", "t", "T", "true", "True", "TRUE"})
                 ? ""
                 : "true or false";
    case Kind::Count:
      return bare.getAsInteger(10, number) ? "a number, 0 or more" : "";
    case Kind::Positive:
      return bare.getAsInteger(10, number) || number == 0 ? "a number, 1 or more" : "";
    case Kind::Time:
      return value.contains('#') || secondsOf(value)
                 ? ""
                 : "a time: [[dd:]hh:]mm:ss, at most four fields";
    case Kind::Length:
      return value.contains('#') || (secondsOf(value) && !bare.starts_with("-"))
                 ? ""
                 : "a time without a sign: [[dd:]hh:]mm:ss, at most four fields";
    case Kind::State:
      if (isOneOf({"RUNNING", "Running", "running"})) return {};
      [[fallthrough]];
    case Kind::MetaState:
      return isOneOf({"SUCCEEDED", "Succeeded", "succeeded", "DEAD", "Dead", "dead"}) ? ""
             : kind == Kind::State ? "SUCCEEDED, DEAD or RUNNING"
                                   : "SUCCEEDED or DEAD";
    case Kind::Share:
      return bare.getAsDouble(share) || share < 0 || share > 1 ? "a share from 0.0 to 1.0" : "";
    case Kind::Scheduler:
      // The grammar has sge and ll too, and Rocoto has nothing that drives them.
      return isOneOf(
                 {"lsf", "lsfcray", "moab", "moabtorque", "torque", "pbspro", "slurm", "cobalt"})
                 ? ""
                 : "a scheduler that Rocoto drives: slurm, pbspro, lsf, lsfcray, torque, moab, "
                   "moabtorque or cobalt";
  }
  return {};
}

class Grammar {
 public:
  explicit Grammar(Audit& audit) : audit_(audit) {}

  void element(const Node& node) {
    auto rule = rules().find(node.name);
    if (rule == rules().end()) return;
    attributes(node, rule->second);
    switch (rule->second.body) {
      case Body::Elements:
        elements(node, rule->second);
        break;
      case Body::Times:
        times(node);
        break;
      case Body::Plain:
        plain(node, rule->second.kind);
        break;
      case Body::Empty:
        nothing(node);
        break;
    }
  }

 private:
  void attributes(const Node& node, const Rule& rule) {
    std::vector<std::string> names;
    for (const AttributeRule& known : rule.attributes) names.push_back(known.name.str());
    for (const Attribute& attribute : node.attributes) {
      auto known =
          llvm::find_if(rule.attributes, [&](auto& a) { return a.name == attribute.name; });
      if (known != rule.attributes.end()) {
        value(attribute.name, attribute.value, attribute.at, known->kind);
        continue;
      }
      diag::UnknownAttribute report;
      report.attribute = attribute.name;
      report.tag = node.name;
      report.hint = nearest(attribute.name, names);
      if (auto near = base::suggest(attribute.name, names))
        report.fix = diag::Fix{attribute.at, std::string(*near)};
      audit_.report(attribute.at, std::move(report));
    }
    for (const AttributeRule& known : rule.attributes)
      if (known.isNeeded && node.attribute(known.name) == nullptr)
        audit_.report(node.at, diag::MissingPart{.tag = node.name,
                                                 .what = "attribute `" + known.name.str() + "`"});
  }

  void value(const std::string& what, const Text& text, source::Range at, Kind kind) {
    std::string is = wanted(kind, text.str());
    if (is.empty()) return;
    source::Range place = text.at();
    audit_.report(
        place.valid() ? place : at,
        diag::WrongValue{
            .value = llvm::StringRef(text.str()).trim().str(), .what = what, .wanted = is},
        Audit::usedAt(text, 0));
  }

  void elements(const Node& node, const Rule& rule) {
    std::map<std::string, const Node*> first;
    for (const Node& child : node.children) {
      if (!child.isElement()) {
        if (Text text = child.text.trimmed(); !text.empty())
          audit_.report(text.at(),
                        diag::StrayText{.text = shortened(text.str()), .tag = node.name});
        continue;
      }
      auto known = llvm::find_if(rule.children, [&](auto& c) { return c.name == child.name; });
      if (known == rule.children.end()) {
        unknown(child, node, rule);
        continue;
      }
      auto [before, isNew] = first.emplace(child.name, &child);
      if (!isNew && known->most == 1)
        audit_.report(child.at,
                      diag::RepeatedTag{
                          .tag = child.name, .parent = node.name, .firstAt = before->second->at});
      element(child);
    }
    for (const ChildRule& known : rule.children)
      if (known.least > 0 && !first.contains(known.name.str()))
        audit_.report(node.at,
                      diag::MissingPart{.tag = node.name, .what = "`<" + known.name.str() + ">`"});
    together(node, first);
    conditionsOf(node);
  }

  static std::string shortened(const std::string& text) {
    return text.size() > 40 ? text.substr(0, 38) + "…" : text;
  }

  void unknown(const Node& child, const Node& parent, const Rule& rule) {
    static const std::map<std::string, std::string> kMeant = {
        {"jobout", "stdout"}, {"joberr", "stderr"}, {"output", "stdout"},
        {"error", "stderr"},  {"env", "envar"},     {"environment", "envar"},
        {"time", "walltime"}, {"qos", "queue"},     {"depends", "dependency"},
        {"mem", "memory"},    {"name", "jobname"}};
    std::vector<std::string> names;
    for (const ChildRule& known : rule.children) names.push_back(known.name.str());
    auto meant = kMeant.find(child.name);
    std::string near =
        meant != kMeant.end() && llvm::is_contained(names, meant->second) ? meant->second : "";
    if (near.empty())
      if (auto found = base::suggest(child.name, names)) near = std::string(*found);
    diag::UnknownTag report;
    report.tag = child.name;
    report.parent = parent.name;
    report.hint = near.empty() ? "" : fmt::format("did you mean `<{}>`?", near);
    if (near.empty() && rules().contains(child.name)) report.hint = "it is a tag elsewhere";
    audit_.report(child.at, std::move(report));
  }

  void together(const Node& node, const std::map<std::string, const Node*>& first) {
    if (node.name != "task") return;
    auto both = [&](const char* one, const char* other) {
      auto a = first.find(one), b = first.find(other);
      if (a != first.end() && b != first.end())
        audit_.report(b->second->at,
                      diag::TagsExclude{.one = one, .other = other, .otherAt = a->second->at});
    };
    both("cores", "nodes");
    both("join", "stdout");
    both("join", "stderr");
    both("shared", "exclusive");
    if (!first.contains("cores") && !first.contains("nodes"))
      audit_.report(node.at, diag::MissingPart{.tag = "task", .what = "`<nodes>` or `<cores>`"});
  }

  void conditionsOf(const Node& node) {
    bool isOne = node.name == "dependency" || node.name == "hangdependency" || node.name == "not";
    bool isMany = llvm::is_contained(
        std::initializer_list<llvm::StringRef>{"and", "or", "nand", "nor", "xor", "some"},
        node.name);
    if (!isOne && !isMany) return;
    std::vector<const Node*> all;
    for (const Node& child : node.children)
      if (child.isElement() && llvm::is_contained(conditions(), child.name)) all.push_back(&child);
    if (all.empty())
      audit_.report(node.at, diag::MissingPart{.tag = node.name, .what = "condition"});
    else if (isOne && all.size() > 1)
      audit_.report(all[1]->at, diag::SeveralConditions{.tag = node.name, .firstAt = all[0]->at});
  }

  void times(const Node& node) {
    for (const Node& child : node.children) {
      if (!child.isElement()) continue;
      if (child.name == "cyclestr")
        element(child);
      else
        audit_.report(child.at, diag::UnknownTag{.tag = child.name,
                                                 .parent = node.name,
                                                 .hint = "only `<cyclestr>` may stand in a text"});
    }
  }

  void plain(const Node& node, Kind kind) {
    for (const Node& child : node.children)
      if (child.isElement())
        audit_.report(child.at,
                      diag::UnknownTag{.tag = child.name,
                                       .parent = node.name,
                                       .hint = "it holds a text alone, the same at every cycle"});
    Text text = node.content();
    if (kind != Kind::Any && !llvm::any_of(node.children, [](auto& c) { return c.isElement(); }))
      value(node.name, text, node.at, kind);
  }

  void nothing(const Node& node) {
    Text text = node.content().trimmed();
    for (const Node& child : node.children)
      if (child.isElement())
        audit_.report(
            child.at,
            diag::UnknownTag{.tag = child.name, .parent = node.name, .hint = "it holds nothing"});
    if (!text.empty())
      audit_.report(text.at(), diag::StrayText{.text = shortened(text.str()), .tag = node.name});
  }

  Audit& audit_;
};

}  // namespace

void auditGrammar(Audit& audit) {
  const Node& root = audit.document.xml.root;
  if (root.name != "workflow")
    return audit.report(root.at, diag::UnknownTag{.tag = root.name,
                                                  .parent = "document",
                                                  .hint = "a document is a `<workflow>`"});
  Grammar grammar(audit);
  grammar.element(root);
  if (root.child("task") == nullptr && root.child("metatask") == nullptr)
    audit.report(root.at, diag::MissingPart{.tag = "workflow", .what = "`<task>`"});
  if (const Attribute* unread = root.attribute("duthrottle"))
    audit.report(unread->at,
                 diag::IgnoredPart{.what = "`duthrottle`",
                                   .why = "the grammar has it, and nothing in Rocoto reads it"});
}

}  // namespace wfc::targets::rocoto::foreign
