// The type an expression has by its parts, so that the text form need not write it.
//
// It is not a check: where the parts do not fit it says Error or anything, and whoever made the
// expression has written the true type beside it.
#include <llvm/ADT/StringSwitch.h>

#include "compiler/ir/eval.h"

namespace wfc::ir {

namespace {

class Inference {
 public:
  Inference(const Module& module, Types& types, const Task* task)
      : module_(module), types_(types), task_(task) {}

  TypeId of(const Expr& expr);

 private:
  static TypeId basic(Type::Kind kind) { return Types::basic(kind); }
  /// The type written at an argument, else its inferred one.
  TypeId arg(const Expr& expr, size_t n);
  Type::Kind kindOf(TypeId type) const { return types_[type].kind; }
  TypeId ofValue(const Value& value);
  TypeId ofVariable(const Expr& expr);
  TypeId ofRef(const Ref& ref);
  TypeId ofField(TypeId base, llvm::StringRef field);
  TypeId ofSpan(bool dates, llvm::StringRef field);
  TypeId ofArithmetic(const Expr& expr);
  TypeId ofCall(const Expr& expr);

  const Module& module_;
  Types& types_;
  const Task* task_;
};

}  // namespace

static bool isQuantity(Type::Kind kind) {
  return kind == Type::Duration || kind == Type::Bytes || kind == Type::Length;
}

TypeId Inference::arg(const Expr& expr, size_t n) {
  if (n >= expr.args.size() || !expr.args[n].valid()) return basic(Type::Error);
  if (expr.args[n].index() >= module_.exprs.size()) return basic(Type::Error);
  const Expr& inner = module_[expr.args[n]];
  return inner.type.valid() ? inner.type : of(inner);
}

TypeId Inference::ofValue(const Value& value) {
  switch (value.kind) {
    case Value::None:
      return basic(Type::None);
    case Value::Bool:
      return basic(Type::Bool);
    case Value::Int:
      return basic(Type::Int);
    case Value::Float:
      return basic(Type::Float);
    case Value::String:
      return basic(Type::String);
    case Value::Path:
      return basic(Type::Path);
    case Value::Date:
      return basic(Type::Date);
    case Value::Instant:
      return basic(Type::Instant);
    case Value::Duration:
      return basic(Type::Duration);
    case Value::Bytes:
      return basic(Type::Bytes);
    case Value::Length:
      return basic(Type::Length);
    case Value::List:
      return value.size() > 0 ? types_.list(ofValue(value.at(0))) : basic(Type::Error);
    case Value::Map:
      return value.size() > 1 ? types_.map(ofValue(value.at(0)), ofValue(value.at(1)))
                              : basic(Type::Error);
    case Value::Set:
      return value.size() > 0 ? types_.set(ofValue(value.at(0))) : basic(Type::Error);
    default:
      return value.type.valid() ? value.type : basic(Type::Error);
  }
}

TypeId Inference::ofRef(const Ref& ref) {
  if (ref.families.empty() || ref.families[0].index() >= module_.families.size())
    return basic(Type::Error);
  const Family& family = module_[ref.families[0]];
  if (!family.task.valid() || family.task.index() >= module_.tasks.size())
    return basic(Type::Error);
  const Task& task = module_[family.task];
  if (ref.output >= task.outputs.size()) return basic(Type::Error);
  TypeId made = task.outputs[ref.output].type;
  return ref.single ? made : types_.list(made);
}

TypeId Inference::ofVariable(const Expr& expr) {
  switch (expr.op) {
    case Op::LoopVar: {
      if (expr.index >= module_.loops.size()) break;
      SpaceId space = module_.loops[expr.index].space;
      if (space.valid() && space.index() < module_.spaces.size()) return module_[space].element;
      break;
    }
    case Op::Input:
      if (task_ && expr.index < task_->inputs.size()) return task_->inputs[expr.index].type;
      break;
    case Op::Output:
      if (task_ && expr.index < task_->outputs.size()) return task_->outputs[expr.index].type;
      break;
    case Op::Need:
      if (expr.text == "memory" || expr.text == "disk") return basic(Type::Bytes);
      return basic(expr.text == "time" ? Type::Duration : Type::Int);
    case Op::Special:
      if (expr.text == "values" || expr.text == "tmp") return basic(Type::Path);
      return basic(expr.text == "attempt" ? Type::Int : Type::String);
    default:
      if (expr.index < module_.refs.size()) return ofRef(module_.refs[expr.index]);
  }
  return basic(Type::Error);
}

TypeId Inference::ofSpan(bool dates, llvm::StringRef field) {
  if (field == "length") return basic(Type::Duration);
  bool isDay = dates || field == "first_day" || field == "last_day";
  return basic(isDay ? Type::Date : Type::Instant);
}

static TypeId fieldNamed(const std::vector<Field>& fields, llvm::StringRef name) {
  for (const Field& field : fields)
    if (field.name == name) return field.type;
  return Types::basic(Type::Error);
}

TypeId Inference::ofField(TypeId base, llvm::StringRef field) {
  const Type& type = types_[base];
  switch (type.kind) {
    case Type::Record:
      return fieldNamed(type.fields, field);
    case Type::Span:
      return ofSpan(type.dates, field);
    case Type::Enum:
      return basic(Type::String);
    case Type::Date:
      return basic(Type::Int);
    case Type::Instant:
      return basic(field == "date" ? Type::Date : Type::Int);
    case Type::List:
      return type.element;
    case Type::Set:
      return field == "dir" ? basic(Type::Path) : type.element;
    case Type::Artifact:
      if (field == "dir" || field == "path") return basic(Type::Path);
      if (type.artifact.index() < module_.kinds.size())
        return fieldNamed(module_[type.artifact].keys, field);
      return basic(Type::Error);
    default:
      return basic(Type::Error);
  }
}

TypeId Inference::ofArithmetic(const Expr& expr) {
  TypeId a = arg(expr, 0), b = arg(expr, 1);
  Type::Kind ka = kindOf(a), kb = kindOf(b);
  if (expr.op == Op::Sub && ka == kb && (ka == Type::Date || ka == Type::Instant))
    return basic(Type::Duration);
  if (expr.op == Op::Div && ka == kb && isQuantity(ka)) return basic(Type::Float);
  bool aIsNumber = ka == Type::Int || ka == Type::Float;
  if (expr.op == Op::Mul && aIsNumber && isQuantity(kb)) return b;
  if (expr.op == Op::Add && ka == Type::Duration && (kb == Type::Date || kb == Type::Instant))
    return b;
  return a;
}

TypeId Inference::ofCall(const Expr& expr) {
  for (const Builtin& builtin : builtins()) {
    if (builtin.name != expr.text) continue;
    llvm::StringRef result = builtin.signature.rsplit("-> ").second;
    return basic(llvm::StringSwitch<Type::Kind>(result)
                     .Case("Bool", Type::Bool)
                     .Case("Int", Type::Int)
                     .Case("Float", Type::Float)
                     .Case("String", Type::String)
                     .Case("Path", Type::Path)
                     .Case("Date", Type::Date)
                     .Case("Time", Type::Instant)
                     .Default(Type::Error));
  }
  return basic(Type::Error);
}

TypeId Inference::of(const Expr& expr) {
  switch (expr.op) {
    case Op::Const:
      return ofValue(expr.value);
    case Op::LoopVar:
    case Op::Input:
    case Op::Output:
    case Op::Need:
    case Op::Special:
    case Op::Ref:
      return ofVariable(expr);
    case Op::Field:
      return ofField(arg(expr, 0), expr.text);
    case Op::Index:
      return types_[arg(expr, 0)].element;
    case Op::List:
      return expr.args.empty() ? basic(Type::Error) : types_.list(arg(expr, 0));
    case Op::Map:
      return expr.args.size() < 2 ? basic(Type::Error) : types_.map(arg(expr, 0), arg(expr, 1));
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
    case Op::Mod:
      return ofArithmetic(expr);
    case Op::Neg:
      return arg(expr, 0);
    case Op::If:
      return arg(expr, 1);
    case Op::ToFloat:
      return basic(Type::Float);
    case Op::Format:
    case Op::Concat:
      return basic(Type::String);
    case Op::Call:
      return ofCall(expr);
    case Op::Record:
    case Op::Error:
      return expr.type.valid() ? expr.type : basic(Type::Error);
    default:
      return basic(Type::Bool);
  }
}

TypeId inferType(const Module& module, Types& types, const Task* task, ExprId expr) {
  if (!expr.valid() || expr.index() >= module.exprs.size()) return Types::basic(Type::Error);
  TypeId type = Inference(module, types, task).of(module[expr]);
  bool known = type.valid() && type.index() < types.size();
  return known ? type : Types::basic(Type::Error);
}

}  // namespace wfc::ir
