package message

// englishRights is the part of [english] for what people may do.
var englishRights = []entry{
	{"Ngày (%s) không được trước hôm nay", "The date (%s) must not be before today"},
}
