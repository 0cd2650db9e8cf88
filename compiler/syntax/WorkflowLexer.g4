// The words and signs of wfc, normative. The compiler reads with a hand-written lexer (lexer.cpp); a test proves that both give the
// same tokens over the corpus and over mutated files (wfc-parse --compare). What this grammar leaves to its base class
// (tool/workflow_lexer_base.h) is counting: a `}` or `:` means something else inside an interpolation than outside of it.
//
// Reserved words first, then soft ones (names wherever a name may stand), then everything else.
lexer grammar WorkflowLexer;

options { superClass = WorkflowLexerBase; }

// Unterminated: a line end inside a one-line string, which ends it. Hole: never read; stands for what could not be.
tokens { Unterminated, HoleClose, FormatOpen, Hole, Text, HoleOpen, RawOpen, StringClose, TripleClose, Format }

@lexer::header {
#include "compiler/syntax/tool/workflow_lexer_base.h"
}

KwIf       : 'if';
KwThen     : 'then';
KwElse     : 'else';
KwFor      : 'for';
KwIn       : 'in';
KwNot      : 'not';
KwAnd      : 'and';
KwOr       : 'or';
KwIs       : 'is';
KwNone     : 'none';
KwTrue     : 'true';
KwFalse    : 'false';
KwAt       : 'at';
KwFirst    : 'first';
KwAny      : 'any';
KwStream   : 'stream';
KwEvery    : 'every';
KwAwait    : 'await';
KwAs       : 'as';
KwOtherwise: 'otherwise';
KwMade     : 'made';
KwBatches  : 'batches';
KwPublish  : 'publish';
KwLimit    : 'limit';
KwDeadline : 'deadline';
KwAfter    : 'after';
KwOn       : 'on';
KwEnded    : 'ended';
KwPer      : 'per';
KwRefill   : 'refill';
KwUntil    : 'until';
KwOf       : 'of';
KwImport   : 'import';
KwKind     : 'kind';
KwProgram  : 'program';
KwEnum     : 'enum';
KwRecord   : 'record';
KwTask     : 'task';
KwFlow     : 'flow';
KwSecret   : 'secret';
KwExport   : 'export';
KwFile     : 'file';
KwDir      : 'dir';
KwKey      : 'key';
KwParent   : 'parent';
KwRows     : 'rows';
KwBy       : 'by';
KwOut      : 'out';
KwResume   : 'resume';
KwSet      : 'set';
KwSize     : 'size';
KwFiles    : 'files';
KwNeeds    : 'needs';
KwEnv      : 'env';
KwModules  : 'modules';
KwConda    : 'conda';
KwContainer: 'container';
KwRetry    : 'retry';
KwExit     : 'exit';
KwFill     : 'fill';
KwCheck    : 'check';
KwSh       : 'sh';
KwBash     : 'bash';
KwPython   : 'python';
KwExclusive: 'exclusive';
KwWith     : 'with';
KwDelay    : 'delay';
KwGrowing  : 'growing';
KwSignal   : 'signal';
KwBefore   : 'before';
KwEnd      : 'end';
KwMost     : 'most';
KwLeast    : 'least';
KwSlices   : 'slices';
KwTemp     : 'temp';
KwKeep     : 'keep';
KwPriority : 'priority';
KwNode     : 'node';
KwPool     : 'pool';
KwWhen     : 'when';
KwBudget   : 'budget';
KwStop     : 'stop';
KwRepeat   : 'repeat';
KwShared   : 'shared';
KwLast     : 'last';
KwStep     : 'step';
KwDown     : 'down';
KwTo       : 'to';
KwGrouped  : 'grouped';
KwAge      : 'age';
KwFree     : 'free';
KwStore    : 'store';
KwTimeout  : 'timeout';
KwFrom     : 'from';
KwDtype    : 'dtype';
KwNodata   : 'nodata';
KwMagic    : 'magic';
KwProbe    : 'probe';
KwCrs      : 'crs';
KwBands    : 'bands';
KwSchema   : 'schema';
KwHeader   : 'header';

Id: [A-Za-z_] [A-Za-z0-9_]*;

Instant: DATE 'T' [0-9:.]* ('Z' | [+-] [0-9] [0-9] ':' [0-9] [0-9])?;
Date: DATE;
Float: NUMBER_PART '.' NUMBER_PART EXPONENT? | NUMBER_PART EXPONENT;
Int: NUMBER_PART;
Quantity: NUMBER_PART ('.' NUMBER_PART)? EXPONENT? [A-Za-z_] [A-Za-z0-9_]*;
fragment DATE: [0-9][0-9][0-9][0-9] '-' [0-9][0-9] '-' [0-9][0-9];
fragment NUMBER_PART: [0-9] [0-9_]*;
fragment EXPONENT: [eE] [+-]? [0-9]+;

Flag: '--' [A-Za-z] [A-Za-z0-9_-]*;

// A string without interpolation is one token; any other opens a mode.
String: '"' (~["\\@\n] | '\\' ~[\n])* '"';
TripleOpen: '"""' { openString(true); } -> pushMode(TRIPLE);
StringOpen: '"' { openString(false); } -> pushMode(STRING);

Arrow: '->';
EqEq: '==';
NotEq: '!=';
LessEq: '<=';
GreaterEq: '>=';
Less: '<';
Greater: '>';
Equal: '=';
Plus: '+';
Minus: '-';
Star: '*';
Slash: '/';
Percent: '%';
Ellipsis: '...';
DotDot: '..';
Dot: '.';
Comma: ',';
Question: '?';
Pipe: '|';

LParen: '(' { openBracket(); };
RParen: ')' { closeBracket(); };
LBrack: '[' { openBracket(); };
RBrack: ']' { closeBracket(); };
LBrace: '{';
RBrace: '}' { closeBrace(); };
Colon: ':' { colon(); };

// Signs of other languages, read in order to say what is written here instead.
AmpAmp: '&&';
PipePipe: '||';
Bang: '!';
SingleQuoted: '\'' ~['\n]* '\'';
Semicolon: ';';

Newline: '\n' { newline(); };
NonAscii: [\u0080-\u{10FFFF}]+;
Comment: '//' ~[\n]* -> channel(HIDDEN);
Blank: [ \t\r\f]+ -> skip;
BadChar: .;

mode STRING;
StringClose: '"' { closeString(); } -> popMode;
Text: ~["\\@\n]+ | '\\' ~[\n] | '\\' | '@@{' | '@@raw{' | '@';
HoleOpen: '@{' { openHole(); } -> pushMode(DEFAULT_MODE);
RawOpen: '@raw{' { openHole(); } -> pushMode(DEFAULT_MODE);
StringNewline: '\n' { newline(); } -> type(Unterminated);

mode TRIPLE;
TripleClose: '"""' { closeString(); } -> popMode;
TripleText: (~["@]+ | '"' | '@@{' | '@@raw{' | '@') -> type(Text);
TripleHole: '@{' { openHole(); } -> type(HoleOpen), pushMode(DEFAULT_MODE);
TripleRaw: '@raw{' { openHole(); } -> type(RawOpen), pushMode(DEFAULT_MODE);

mode FORMAT;
FormatClose: '}' { closeBrace(); } -> type(HoleClose);
Format: ~[}\n]+;
FormatNewline: '\n' { newline(); } -> type(Unterminated);
