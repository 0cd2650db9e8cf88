[(flow_decl) (task_decl) (block)] @local.scope
(param . (any_name) @local.definition.parameter)
(bind_stmt (name) @local.definition.var)
(binder (name) @local.definition.var)
(repeat_stmt (name) @local.definition.var)
(primary (name) @local.reference)
