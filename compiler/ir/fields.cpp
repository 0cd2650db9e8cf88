// Fields of values: of records, spans, lists, enumerators, dates and files.
#include <fmt/format.h>

#include "compiler/ir/calendar.h"
#include "compiler/ir/eval.h"

namespace wfc::ir {

static Result noField(const Module& module, const Value& value, llvm::StringRef field) {
  return {{}, fmt::format("`{}` has no `{}`", toText(module, value), field.str()), {}};
}

static const Type* typeOf(const Module& module, const Value& value) {
  bool known = value.type.valid() && value.type.index() < module.types.size();
  return known ? &module.types[value.type] : nullptr;
}

static Result spanField(const Module& module, const Value& value, llvm::StringRef field) {
  const Type* type = typeOf(module, value);
  bool dates = type && type->dates;
  auto end = [&](int64_t seconds) {
    return dates ? Value::scalar(Value::Date, floorDiv(seconds, 86400))
                 : Value::scalar(Value::Instant, seconds);
  };
  if (field == "start") return ok(end(value.i));
  if (field == "end") return ok(end(value.j));
  if (field == "first_day") return ok(Value::scalar(Value::Date, floorDiv(value.i, 86400)));
  // The end is not part of the window, so its last day is that of its last second.
  if (field == "last_day") return ok(Value::scalar(Value::Date, floorDiv(value.j - 1, 86400)));
  if (field == "length") {
    int64_t ms;
    if (!__builtin_mul_overflow(value.j - value.i, 1000, &ms))
      return ok(Value::scalar(Value::Duration, ms));
  }
  return noField(module, value, field);
}

static Result timeField(const Module& module, const Value& value, llvm::StringRef field) {
  bool isDate = value.kind == Value::Date;
  int64_t days = isDate ? value.i : floorDiv(value.i, 86400);
  Civil date = civilOf(days);
  if (field == "year") return ok(Value::integer(date.year));
  if (field == "month") return ok(Value::integer(date.month));
  if (field == "day") return ok(Value::integer(date.day));
  if (isDate) return noField(module, value, field);
  int64_t clock = floorMod(value.i, 86400);
  if (field == "hour") return ok(Value::integer(clock / 3600));
  if (field == "minute") return ok(Value::integer(clock / 60 % 60));
  if (field == "second") return ok(Value::integer(clock % 60));
  if (field == "date") return ok(Value::scalar(Value::Date, days));
  return noField(module, value, field);
}

static Result listField(const Module& module, const Value& value, llvm::StringRef field) {
  if (field == "dir" && value.kind == Value::Set) return ok(Value::text(value.s, Value::Path));
  if (field != "first" && field != "last") return noField(module, value, field);
  if (value.size() == 0) return {{}, fmt::format("an empty list has no `{}`", field.str()), {}};
  return ok(field == "first" ? value.at(0) : value.at(value.size() - 1));
}

static Result named(const Module& module, const Value& value, llvm::StringRef field,
                    const std::vector<Field>& fields) {
  for (size_t n = 0; n < std::min(fields.size(), value.size()); ++n)
    if (fields[n].name == field) return ok(value.at(n));
  return noField(module, value, field);
}

static Result fileField(const Module& module, const Value& value, llvm::StringRef field) {
  if (field == "dir" || field == "path") return ok(Value::text(value.s, Value::Path));
  const Type* type = typeOf(module, value);
  if (!type || type->kind != Type::Artifact || type->artifact.index() >= module.kinds.size())
    return noField(module, value, field);
  return named(module, value, field, module[type->artifact].keys);
}

Result fieldOf(const Module& module, const Value& value, llvm::StringRef field) {
  switch (value.kind) {
    case Value::Span:
      return spanField(module, value, field);
    case Value::Date:
    case Value::Instant:
      return timeField(module, value, field);
    case Value::List:
    case Value::Set:
      return listField(module, value, field);
    case Value::File:
      return fileField(module, value, field);
    case Value::Record:
      if (const Type* type = typeOf(module, value))
        return named(module, value, field, type->fields);
      return noField(module, value, field);
    case Value::Enum:
      if (field == "text") return ok(Value::text(toText(module, value)));
      if (field == "name") return ok(Value::text(keyText(module, value)));
      return noField(module, value, field);
    default:
      return noField(module, value, field);
  }
}

}  // namespace wfc::ir
