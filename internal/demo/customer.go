package demo

import (
	"fmt"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// Common names.
var (
	familyNames = []string{
		"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
	}
	menMiddle   = []string{"Văn", "Quốc", "Minh", "Đức", "Hữu", "Thanh", "Gia", "Anh"}
	men         = []string{"Hùng", "Dũng", "Tuấn", "Nam", "Long", "Khoa", "Phúc", "Bảo", "Kiên", "Thành", "Sơn", "Tâm", "Quang", "Đạt"}
	womenMiddle = []string{"Thị", "Ngọc", "Thu", "Phương", "Thanh", "Kim", "Mỹ", "Bích"}
	women       = []string{"Lan", "Mai", "Hương", "Thảo", "Trang", "Linh", "Hà", "Nga", "Hạnh", "Yến", "Vân", "Nhung", "Châu", "My"}
	streets     = []string{
		"12 Nguyễn Trãi", "48 Lê Lợi", "5/7 Trần Hưng Đạo", "231 Hai Bà Trưng", "90 Cách Mạng Tháng Tám", "17 Lý Thường Kiệt",
		"66 Phan Đình Phùng", "3A Nguyễn Du", "108 Hoàng Diệu", "25 Quang Trung", "71 Võ Thị Sáu", "14 Bà Triệu", "39 Điện Biên Phủ",
	}
	companies = []string{
		"Công ty TNHH Thực phẩm An Phát Lộc", "Công ty Cổ phần Dịch vụ Sông Xanh", "Quán cơm Bếp Nhà Mình",
		"Công ty TNHH Thiết kế Mây Trắng", "Trường Mầm non Họa Mi Vàng", "Công ty TNHH Phần mềm Cây Tre",
		"Khách sạn Hoa Giấy", "Quán cà phê Góc Phố Cũ", "Công ty TNHH Vận tải Bến Đò", "Phòng khám Tâm An Khang",
		"Công ty Cổ phần Nội thất Gỗ Quê", "Tiệm bánh Lúa Mạch", "Công ty TNHH In ấn Mực Tím", "Nhà hàng Đồng Sen",
	}
	remarks = []string{
		"Thích hàng khuyến mãi", "Gọi trước khi giao", "Hay mua theo thùng", "Lấy hóa đơn VAT", "Chỉ nhận hàng sau 18 giờ",
		"Khách quen của chị Lan", "Dị ứng đậu phộng",
	}
)

// address is a location of the shop's list of locations, and a ward in it.
type address struct {
	id         int64
	name, ward string
}

var addresses = []address{
	{760, "Hồ Chí Minh - Quận 1", "Phường Bến Nghé"},
	{769, "Hồ Chí Minh - Thành phố Thủ Đức", "Phường Thảo Điền"},
	{760, "Hồ Chí Minh - Quận 1", "Phường Đa Kao"},
	{769, "Hồ Chí Minh - Thành phố Thủ Đức", "Phường Linh Trung"},
	{765, "Hồ Chí Minh - Quận Bình Thạnh", "Phường 25"},
	{766, "Hồ Chí Minh - Quận Tân Bình", "Phường 4"},
	{731, "Đồng Nai - Thành phố Biên Hòa", "Phường Tân Phong"},
	{747, "Bà Rịa - Vũng Tàu - Thành phố Vũng Tàu", "Phường Thắng Tam"},
	{916, "Cần Thơ - Quận Ninh Kiều", "Phường Xuân Khánh"},
	{492, "Đà Nẵng - Quận Hải Châu", "Phường Thạch Thang"},
	{474, "Huế - Quận Thuận Hóa", "Phường Vỹ Dạ"},
	{288, "Hải Dương - Thành phố Hải Dương", "Phường Quang Trung"},
	{5, "Hà Nội - Quận Cầu Giấy", "Phường Dịch Vọng"},
	{2, "Hà Nội - Quận Hoàn Kiếm", "Phường Hàng Đào"},
}

const (
	initialCustomers = 130 // created before the first sale
	laterCustomers   = 95
	fullCustomers    = 6 // with a value in every member
	deletedCustomers = 7
)

// planCustomers plans the creation of customers, the change of some and the deletion of others.
func (s *generator) planCustomers() {
	for i := range initialCustomers {
		s.schedule(s.at(openingDay+1+i*(firstDay-openingDay-2)/initialCustomers, 7+i%12, i%60), func() error { return s.createCustomer(i) })
	}
	for i := range laterCustomers {
		s.schedule(s.at(firstDay+1+i*-firstDay/laterCustomers, 7+i%14, i%60), func() error { return s.createCustomer(initialCustomers + i) })
	}
	s.schedule(s.at(firstDay, 4, 0), func() error {
		for i := range fullCustomers {
			_, err := party.UpdateCustomer(s.tx, &taphoa.CustomerUpdate{ID: s.customers[i].id, CustomerInput: taphoa.CustomerInput{
				Comments: taphoa.Some(remarks[i]), PaymentDays: taphoa.Some(int64(15 + 15*(i%2))),
				DebtLimit: taphoa.Some(taphoa.Dong(50_000_000)), DebtLimitPolicy: taphoa.Some(taphoa.DebtLimitWarn),
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for i := range deletedCustomers {
		s.schedule(s.at(-60+8*i, 21, 30), func() error {
			_, err := party.DeleteCustomer(s.tx, &taphoa.ByID{ID: s.toBeDeleted[i].id})
			return err
		})
	}
}

// customer is a customer with the address for deliveries.
type customer struct {
	id                  int64
	name, phone, street string
	address             address
}

// personName returns a name, and whether it is a man's.
func (s *generator) personName() (string, bool) {
	if s.chance(50) {
		return strings.Join([]string{pick(s, familyNames), pick(s, menMiddle), pick(s, men)}, " "), true
	}
	return strings.Join([]string{pick(s, familyNames), pick(s, womenMiddle), pick(s, women)}, " "), false
}

// phone returns the nth number of a network that does not exist.
func phone(n int) string { return fmt.Sprintf("0900%06d", n) }

// mail returns an e-mail address made of a name.
func mail(name string, n int) taphoa.Opt[string] {
	words := strings.Fields(db.Fold(name))
	return taphoa.Some(fmt.Sprintf("%s.%s%d@example.com", words[len(words)-1], words[0], n))
}

// createCustomer creates the nth customer.
func (s *generator) createCustomer(n int) error {
	name, man := s.personName()
	home := addresses[n%len(addresses)]
	if n >= 2 {
		home = pick(s, addresses)
	}
	show := n < fullCustomers
	in := taphoa.CustomerInput{
		Name: taphoa.Some(name), Gender: taphoa.Some(man), ContactNumber: taphoa.Some(phone(100_001 + n*7)),
		Address: taphoa.Some(pick(s, streets)), LocationName: taphoa.Some(home.name), WardName: taphoa.Some(home.ward),
		BranchID: taphoa.Some(s.branches[n%len(s.branches)]),
	}
	born := s.at(-365*s.between(19, 68)-s.between(0, 364), 0, 0)
	if show || s.chance(70) {
		in.BirthDate = taphoa.Some(born)
	}
	if show || s.chance(45) {
		in.Email = mail(name, n+1)
	}
	if show || s.chance(15) {
		in.SubNumber = taphoa.Some(phone(900_001 + n))
	}
	if show || s.chance(25) {
		in.IdentificationNumber = taphoa.Some(fmt.Sprintf("099%d%02d%06d", s.between(0, 3), born.Std().Year()%100, 1+n*37))
	}
	if show || s.chance(15) {
		in.Comments = taphoa.Some(pick(s, remarks))
	}
	if show || s.chance(12) {
		in.PsidFacebook = taphoa.Some(int64(4_812_340_007_919 + n*7919))
	}
	if show || s.chance(50) {
		in.GroupIDs = taphoa.Some([]int64{s.groups[n%len(s.groups)]})
	}
	if show {
		in.TaxCode = taphoa.Some(fmt.Sprintf("99%08d", 1000+n))
		in.GroupIDs.Value = append(in.GroupIDs.Value, s.groups[(n+1)%len(s.groups)])
	}
	if n%16 == 1 { // a company, with its contact person
		in.Organization = taphoa.Some(companies[n/16%len(companies)])
		in.Name = in.Organization
		in.TaxCode = taphoa.Some(fmt.Sprintf("99%08d", 1000+n))
		in.GroupIDs = taphoa.Some([]int64{s.groups[3]})
		in.Comments = taphoa.Some("Liên hệ: " + name)
	}
	s.tx.User = s.users[n%len(s.users)]
	made, err := party.CreateCustomer(s.tx, &in)
	c := customer{made.ID, made.Name, in.ContactNumber.Value, in.Address.Value, home}
	if n >= 20 && n%13 == 7 && len(s.toBeDeleted) < deletedCustomers {
		s.toBeDeleted = append(s.toBeDeleted, c)
	} else {
		s.customers = append(s.customers, c)
	}
	return err
}
