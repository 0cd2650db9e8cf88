// The sentences of wfc, normative; precedence stands in build_expr.cpp, because an expression is read flat (unary, sign, unary, …):
// that leaves nothing ambiguous and keeps SLL equal to LL. test/syntax demands both of the whole corpus.
//
// `expr` is a value; `wide` is what may stand in brackets, parentheses, arguments and loop heads, where a value may also be a range
// with an open end, stepped, batched or grouped. `Hole` is never written: recovery puts it where something could not be read.
parser grammar WorkflowParser;

options { tokenVocab = WorkflowLexer; }

// ---- declarations

file: decl* EOF;

decl: KwExport? (importDecl | kindDecl | programDecl | enumDecl | recordDecl | taskDecl | flowDecl | constDecl | secretDecl) | Hole;

// The head of a flow, read apart from its statements, which are read one by one.
flowOpen: KwExport? flowHead LBrace;

importDecl: KwImport name (Comma name)*;

kindDecl: KwKind name params? Equal (kindBase | kindValue);
kindBase: (KwFile | KwDir) text? (kindAttr (Comma kindAttr)*)?;
kindAttr: KwKey params | KwParent LParen wide (Comma wide)* Comma? RParen | KwRows KwBy text
    | (KwDtype | KwNodata | KwMagic | KwProbe | KwCrs | KwBands | KwSchema | KwHeader) attrValue;
attrValue: Minus? (Int | Float | Quantity) | text | name | KwTrue | KwFalse | list | Hole;
kindValue: list postfixOp* | Id postfixOp* | KwIf expr KwThen expr KwElse cond | Hole;

programDecl: KwProgram name Equal text LBrace (flag (Comma flag)* Comma?)? RBrace;
flag: (Flag | anyName) Colon flagType (Equal expr)?;
flagType: (KwOut | KwResume) type (KwAt expr)? (KwSize expr)? (KwFiles expr)? | KwOut LBrace (param (Comma param)* Comma?)? RBrace | type;

enumDecl: KwEnum name LBrace enumerator (Comma enumerator)* Comma? RBrace;
enumerator: anyName (Equal text)?;

recordDecl: KwRecord name LBrace (param (Comma param)* Comma?)? RBrace;

params: LParen (param (Comma param)* Comma?)? RParen;
param: anyName Colon type KwKey? (Equal expr)?;

taskDecl: KwTask name params? (Equal dotted (Pipe name)? clauses? | (Arrow outputs)? clauses);
outputs: output (Comma output)* (Pipe name)?;
output: anyName Colon type (KwAt expr)? (KwSize expr)? (KwFiles expr)?;

flowDecl: flowHead LBrace stmt* RBrace;
flowHead: KwFlow name params? (Arrow flowOutput (Comma flowOutput)*)?;
flowOutput: anyName (Colon type)?;

constDecl: name Equal expr;
secretDecl: KwSecret name Equal text KwFor expr;

// ---- types

type: baseType (Question | Ellipsis | Star)*;
baseType: KwSet KwOf baseType
    | LBrack type (Colon type)? RBrack
    | dotted arguments?
    | Hole;

// ---- clauses of tasks and pools

clauses: LBrace clause* RBrace;
clause: KwNeeds need (Comma need)*
    | KwEnv envVar (Comma envVar)*
    | KwModules expr (Comma expr)*
    | KwConda expr
    | KwContainer expr
    | KwRetry expr (KwOn Id (Comma Id)*)? (KwWith growth (Comma growth)*)? (Comma KwDelay expr (KwGrowing expr)?)?
    | KwResume name (Comma KwSignal expr KwBefore KwEnd)? (Comma KwAt KwMost expr KwSlices)?
    | KwExit exitCode (Comma exitCode)* KwIs Id
    | KwFill expr KwWith expr
    | script
    | KwCheck KwEvery expr (KwAfter expr)? LBrace script RBrace
    | Hole;
need: KwExclusive | needKey expr (KwOf sort)?;
sort: name | String;
needKey: Id | KwNode;
envVar: anyName Equal expr;
growth: Id (Star | Plus) expr;
exitCode: Int (DotDot Int)?;
script: (KwSh | KwBash | KwPython) text;

// ---- statements

stmt: bindStmt | callStmt | forStmt | ifStmt | publishStmt | poolStmt | inStmt | whenStmt | budgetStmt | stopStmt | repeatStmt | Hole;
block: LBrace stmt* RBrace;

bindStmt: (KwTemp | KwKeep)? name Equal (await | expr) tail*;
callStmt: dotted arguments tail*;
forStmt: KwFor binder (Comma binder)* tail* block;
binder: name KwIn wide;
ifStmt: KwIf expr block (KwElse (ifStmt | block))?;
publishStmt: KwPublish expr KwAt expr KwShared?;
poolStmt: KwPool name clauses;
inStmt: KwIn name block;
whenStmt: KwWhen event block;
budgetStmt: KwBudget name expr;
stopStmt: KwStop KwAfter expr event;
repeatStmt: KwRepeat name KwAt KwMost expr KwUntil expr tail* block;
event: Id | KwEnded;

tail: KwLimit expr (KwRefill expr)? (KwPer expr)?
    | KwPriority Id
    | KwDeadline expr
    | KwAfter KwEnded? expr (Comma KwEnded? expr)*
    | KwOn KwNode
    | KwOn KwStore expr
    | KwOn event (Comma event)* block
    | KwKeep KwOn Id;

// `and` and `or` stand between what is awaited, so that a condition there wants parentheses.
await: KwAwait awaited ((KwAnd | KwOr) awaited)*;
awaited: arithmetic (Comma awaitClause)*;
awaitClause: KwAge arithmetic | KwSize arithmetic | KwFree arithmetic | KwTimeout arithmetic (KwIs Id)?;

// ---- expressions

expr: cond (orElse cond)*;
orElse: KwOtherwise | KwIf KwMade KwOtherwise;
cond: KwIf expr KwThen expr KwElse cond | cycle | flat;
flat: unary (infix unary | suffix)*;

wide: wideCond (orElse wideCond)*;
wideCond: KwIf wide KwThen wide KwElse wideCond | cycle cycleTail* | wideFlat;
wideFlat: (DotDot unary | unary) (wideInfix unary | suffix)* (DotDot | KwGrouped KwBy groupKey (KwAnd groupKey)*)?;
groupKey: anyName (Dot anyName)*;

cycle: KwEvery arithmetic KwFrom arithmetic (KwUntil arithmetic)? (KwIn text)?;
cycleTail: (KwStep | KwIn KwBatches KwOf) arithmetic;
arithmetic: unary (arithmeticSign unary)*;
arithmeticSign: Plus | Minus | Star | Slash | Percent;

infix: arithmeticSign | EqEq | NotEq | Less | LessEq | Greater | GreaterEq | KwAnd | KwOr | KwIs KwNot? KwIn | DotDot;
wideInfix: infix | KwDown KwTo | KwStep | KwIn KwBatches KwOf;
suffix: KwIs KwNot? (KwFirst | KwLast) | KwAs baseType Question?;

unary: (KwNot | Minus)* (postfix | quantified);
quantified: KwAt KwLeast postfix KwOf reference | KwFirst postfix KwOf reference | KwAny KwOf reference | KwStream reference;
reference: name postfixOp* | Hole;
postfix: primary postfixOp*;
postfixOp: Dot anyName | arguments | brackets;
arguments: LParen (argument (Comma argument)* Comma?)? RParen;
argument: anyName Colon wide | wide;
brackets: LBrack item (Comma item)* Comma? RBrack;
item: Star | name KwIn expr KwIf wide | wide;

primary: name | Int | Float | Quantity | Date | Instant | KwTrue | KwFalse | KwNone | text | list | LParen wide RParen | Hole;
list: LBrack (Colon | entry (Comma entry)* Comma?)? RBrack;
entry: wide (Colon wide)?;
text: String
    | StringOpen (Text | hole)* StringClose
    | TripleOpen (Text | hole)* TripleClose;
hole: (HoleOpen | RawOpen) wide (FormatOpen Format?)? HoleClose;

dotted: name (Dot anyName)*;

// A name that stands for something; and any word, where only a name can stand.
name: Id
    | KwImport | KwKind | KwProgram | KwEnum | KwRecord | KwTask | KwFlow | KwSecret | KwExport | KwFile | KwDir
    | KwKey | KwParent | KwRows | KwBy | KwOut | KwResume | KwSet | KwSize | KwFiles | KwNeeds | KwEnv | KwModules | KwConda
    | KwContainer | KwRetry | KwExit | KwFill | KwCheck | KwSh | KwBash | KwPython | KwExclusive | KwWith | KwDelay
    | KwGrowing | KwSignal | KwBefore | KwEnd | KwMost | KwLeast | KwSlices | KwTemp | KwKeep | KwPriority | KwNode
    | KwPool | KwWhen | KwBudget | KwStop | KwRepeat | KwShared | KwLast | KwStep | KwDown | KwTo | KwGrouped | KwAge
    | KwFree | KwStore
    | KwTimeout | KwFrom | KwDtype | KwNodata | KwMagic | KwProbe | KwCrs
    | KwBands | KwSchema | KwHeader;
anyName: name
    | KwIf | KwThen | KwElse | KwFor | KwIn | KwNot | KwAnd | KwOr | KwIs | KwNone | KwTrue | KwFalse | KwAt | KwFirst
    | KwAny | KwStream | KwEvery | KwAwait | KwAs | KwOtherwise | KwMade | KwBatches | KwPublish | KwLimit
    | KwDeadline | KwAfter | KwOn | KwEnded | KwPer | KwRefill | KwUntil | KwOf;
