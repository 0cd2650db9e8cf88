[(block) (clauses) (flow_decl) (program_decl) (enum_decl) (record_decl) (arguments) (params) (list) (text)] @fold
(comment)+ @fold
