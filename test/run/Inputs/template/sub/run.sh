run @{id}
