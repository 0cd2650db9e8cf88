[(block) (clauses) (flow_decl) (program_decl) (enum_decl) (record_decl) (arguments) (params) (list)] @indent.begin
["}" ")" "]"] @indent.branch @indent.end
[(comment) (text)] @indent.ignore
