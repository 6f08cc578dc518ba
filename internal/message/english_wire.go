package message

// englishWire are the sentences about requests that cannot be read, by what they are in Vietnamese.
var englishWire = []entry{
	{"Có quá %[2]d tham số", "There are more than %[2]d parameters"},
	{"Giá trị của trường %s vượt quá giới hạn", "The value of the field %s is out of range"},
	{"Nội dung JSON không hợp lệ: %[2]s ở dòng %[3]d, cột %[4]d", "Invalid JSON: %[2]s in line %[3]d, column %[4]d"},
	{"Nội dung JSON không hợp lệ: quá %[2]d giá trị hoặc lồng nhau quá %[3]d cấp", "Invalid JSON: more than %[2]d values, or nested more than %[3]d levels deep"},
	{"Nội dung multipart/form-data không hợp lệ", "The body is no valid multipart/form-data"},
	{"Nội dung yêu cầu phải là một đối tượng JSON", "The body of the request must be a JSON object"},
	{"Thiếu %s trong đường dẫn %s", "%s is missing in the path %s"},
	{"Trường %s chỉ được có tối đa %d chữ số thập phân", "The field %s must have at most %d decimal places"},
	{"Trường %s chứa ký tự NUL, ký tự này không lưu được", "The field %s has the character NUL, which cannot be stored"},
	{"Trường %s chứa quá nhiều dữ liệu, hãy chia thành nhiều yêu cầu", "The field %s has too much data: split it into several requests"},
	{"Trường %s có quá nhiều giá trị, tối đa %d", "The field %s has too many values, at most %d are allowed"},
	{"Trường %s không phải là ngày giờ hợp lệ", "The field %s is no valid date or time"},
	{"Trường %s không phải là văn bản UTF-8 hợp lệ", "The field %s is no valid text in UTF-8"},
	{"Trường %s không được quá %d byte", "The field %s must have at most %d bytes"},
	{"Trường %s không được quá %d ký tự", "The field %s must have at most %d characters"},
	{"Trường %s phải là một giá trị đơn", "The field %s must be a single value"},
	{"Trường %s phải là một đối tượng", "The field %s must be an object"},
	{"Trường %s phải là số", "The field %s must be a number"},
	{"Trường %s phải là số hoặc tên của trạng thái, cách nhau bằng dấu phẩy", "The field %s must have numbers or names of states, with commas between them"},
	{"Trường %s phải là số nguyên", "The field %s must be a whole number"},
	{"Trường %s phải là số nguyên từ 0 đến %d", "The field %s must be a whole number from 0 to %d"},
	{"Trường %s phải là true hoặc false", "The field %s must be true or false"},
	{"Tên tham số không hợp lệ: lồng nhau quá %[2]d cấp hoặc chỉ số quá %[3]d", "Invalid name of a parameter: nested more than %[2]d levels deep, or an index above %[3]d"},
	{"thiếu phần cuối", "its end is missing"},
}
