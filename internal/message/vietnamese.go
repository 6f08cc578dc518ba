package message

// vietnamese has the texts of the commands, whose keys are English.
var vietnamese = map[string]string{}
