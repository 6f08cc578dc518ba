package message

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/taphoa/taphoa"
)

func TestARefusalHasBothLanguages(t *testing.T) {
	empty := (&taphoa.UserInput{UserName: "lan"}).Validate()
	for _, test := range []struct {
		err                 error
		english, vietnamese string
	}{
		{taphoa.NotFound(taphoa.CodeValidate, "Nhóm hàng %d không tồn tại", 1234567), "Category 1234567 does not exist", "Nhóm hàng 1234567 không tồn tại"},
		{empty, "Name of the user (givenName) must not be empty", "Tên người dùng (givenName) không được để trống"},
		{
			taphoa.Refuse(taphoa.CodeValidate, "", "Nhóm hàng %d không tồn tại", 1).About("listProducts[0]", "Sản phẩm thứ %d (%s): %s", 1, "Chi nhánh"),
			"Product number 1 (Chi nhánh): Category 1 does not exist", "Sản phẩm thứ 1 (Chi nhánh): Nhóm hàng 1 không tồn tại",
		},
		{
			taphoa.Refuse(taphoa.CodeOrder, "status", "Đơn đặt hàng %s đang ở trạng thái %s, không thể cập nhật", "DH1", taphoa.Term("Đã hủy")),
			"Order DH1 is cancelled and cannot be changed", "Đơn đặt hàng DH1 đang ở trạng thái Đã hủy, không thể cập nhật",
		},
		{fmt.Errorf("on the way: %w", taphoa.NotFound(taphoa.CodeValidate, "Chi nhánh không tồn tại")), "The branch does not exist", "Chi nhánh không tồn tại"},
		{&taphoa.Error{Message: "Câu không có bản dịch"}, "Câu không có bản dịch", "Câu không có bản dịch"},
		{Errorf("the directory %s does not exist: make it first", "/x"), "the directory /x does not exist: make it first", "thư mục /x không có: hãy tạo trước"},
		{Errorf("%s (%s --help tells more)", Errorf("unknown flag %s", "--x"), "taphoa"), "unknown flag --x (taphoa --help tells more)", "không có tùy chọn --x (xem thêm: taphoa --help)"},
		{fs.ErrNotExist, "file does not exist", "file does not exist"},
	} {
		if got := English.Error(test.err); got != test.english {
			t.Errorf("English says %q, want %q", got, test.english)
		}
		if got := Vietnamese.Error(test.err); got != test.vietnamese {
			t.Errorf("Vietnamese says %q, want %q", got, test.vietnamese)
		}
	}
}

func TestAnErrorOfTheCatalogueWrapsItsArguments(t *testing.T) {
	for _, key := range []string{"PostgreSQL at %s: %s", "PostgreSQL at %s: %w"} {
		err := fmt.Errorf("x: %w", Errorf(key, "host", fs.ErrPermission))
		if !errors.Is(err, fs.ErrPermission) || err.Error() != "x: PostgreSQL at host: permission denied" {
			t.Error(err)
		}
	}
}

func TestAWrappedErrorKeepsItsKind(t *testing.T) {
	part := taphoa.NotFound(taphoa.CodeProduct, "Chi nhánh không tồn tại")
	part.Items = []taphoa.FieldError{{Code: "x"}}
	whole := part.About("listProducts[0].id", "Sản phẩm thứ %d (%s): %s", 1, "SP1")
	if whole.Kind != taphoa.KindNotFound || whole.Code != taphoa.CodeProduct || whole.Field != "listProducts[0].id" ||
		whole.Message != "Sản phẩm thứ 1 (SP1): Chi nhánh không tồn tại" || len(whole.Items) != 1 {
		t.Errorf("%+v", whole)
	}
}
