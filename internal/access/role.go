package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	roleNameMax = 50  // characters
	rolesMax    = 100 // of a shop
	userRoleMax = 200 // of a user
)

// roleRow is a role as a shop stores it.
type roleRow struct {
	ID     int64
	Name   string
	Rights string
}

func (r *roleRow) role() (right.Role, error) {
	set, err := right.ParseSet(r.Rights)
	return right.Role{ID: r.ID, Name: r.Name, Set: set}, err
}

// roles are those of the shop of tx by id: those that are built in, as the shop has changed them, and its own.
func roles(tx *db.Tx) ([]right.Role, error) {
	rows, err := db.All[roleRow](tx, `SELECT id, name, rights FROM access_roles WHERE retailer_id = :retailer ORDER BY id`)
	if err != nil {
		return nil, err
	}
	all := right.BuiltIn()
	for i := range rows {
		role, err := rows[i].role()
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(all, func(r right.Role) bool { return r.ID == role.ID }); at >= 0 {
			all[at] = role
		} else {
			all = append(all, role)
		}
	}
	return all, nil
}

// ListRoles lists the roles of the shop of tx by id, with what they allow.
func ListRoles(tx *db.Tx) ([]right.Role, error) { return roles(tx) }

// ListUserRoles lists the roles of a user.
func ListUserRoles(tx *db.Tx, user int64) ([]UserRole, error) {
	return db.All[UserRole](tx, `
		SELECT role_id, branch_id FROM access_user_roles WHERE retailer_id = :retailer AND user_id = ? ORDER BY role_id, branch_id`, user)
}

// UserRole is a role that a user has.
type UserRole struct {
	Role   int64 `db:"role_id"`
	Branch int64 `db:"branch_id"` // 0: in the whole shop
}

// held is what a user may do, before a session narrows it down.
func held(tx *db.Tx, user int64, owner bool) (*right.Held, error) {
	if owner {
		return right.Hold(user, right.Grant{Set: right.All}), nil
	}
	type row struct {
		UserRole
		Rights taphoa.Opt[string]
	}
	rows, err := db.All[row](tx, `
		SELECT ur.role_id, ur.branch_id, r.rights FROM access_user_roles ur
		LEFT JOIN access_roles r ON r.retailer_id = ur.retailer_id AND r.id = ur.role_id
		WHERE ur.retailer_id = :retailer AND ur.user_id = ? ORDER BY ur.role_id, ur.branch_id`, user)
	if err != nil {
		return nil, err
	}
	var grants []right.Grant
	builtIn := right.BuiltIn()
	for _, r := range rows {
		set := right.Set{}
		if at := slices.IndexFunc(builtIn, func(b right.Role) bool { return b.ID == r.Role }); at >= 0 {
			set = builtIn[at].Set
		}
		if r.Rights.Has() {
			if set, err = right.ParseSet(r.Rights.Value); err != nil {
				return nil, err
			}
		}
		grants = append(grants, right.Grant{Branch: r.Branch, Set: set})
	}
	return right.Hold(user, grants...), nil
}

// Holds returns what a user may do, and whether the account may be used: it was not removed and has not ended. Who was never invited
// has no password, and may be acted for all the same.
func Holds(tx *db.Tx, user int64) (may *right.Held, active bool, err error) {
	may, _, active, err = HoldsAs(tx, user)
	return may, active, err
}

// HoldsAs is [Holds] with the account.
func HoldsAs(tx *db.Tx, user int64) (may *right.Held, as Account, active bool, err error) {
	row, found, err := db.One[Account](tx, `SELECT `+accountColumns+` FROM users u `+accountJoins+`
		WHERE u.retailer_id = :retailer AND u.id = ? AND u.deleted_at = 0`, user)
	if err != nil || !found || row.ended(tx.Clock) {
		return nil, row, false, err
	}
	may, err = held(tx, user, row.Owner)
	return may, row, err == nil, err
}

// RoleOf returns a role of the shop. It refuses an id that is none.
func RoleOf(tx *db.Tx, id int64) (right.Role, error) {
	all, err := roles(tx)
	if err != nil {
		return right.Role{}, err
	}
	at := slices.IndexFunc(all, func(r right.Role) bool { return r.ID == id })
	if at < 0 {
		return right.Role{}, unknownRole()
	}
	return all[at], nil
}

// FindRole returns a role of the shop by its name, in any letter case.
func FindRole(tx *db.Tx, name string) (right.Role, error) {
	all, err := roles(tx)
	if err != nil {
		return right.Role{}, err
	}
	at := slices.IndexFunc(all, func(r right.Role) bool { return text.CodeKey(r.Name) == nameKey(name) })
	if at < 0 {
		return right.Role{}, unknownRole()
	}
	return all[at], nil
}

func unknownRole() error { return taphoa.NotFound(taphoa.CodeValidate, "Vai trò không tồn tại") }

// Roles lists the roles of the shop, with what they allow.
func (s *Service) Roles(ctx context.Context, by Session) (all []right.Role, err error) {
	if err := by.mayManage(s.db.Now(), false); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, by.actor(), func(tx *db.Tx) error {
		all, err = roles(tx)
		return err
	})
	return all, err
}

// SaveRole changes a role, or makes one if its id is 0, and returns the id. Who has the role gets another token with the next
// request.
func (s *Service) SaveRole(ctx context.Context, by Session, role right.Role) (id int64, err error) {
	if err := by.mayManage(s.db.Now(), true); err != nil {
		return 0, err
	}
	switch role.Name = text.Clean(role.Name); {
	case role.Name == "":
		return 0, taphoa.Refuse(taphoa.CodeValidate, "name", "Tên vai trò (name) không được để trống")
	case utf8.RuneCountInString(role.Name) > roleNameMax:
		return 0, taphoa.Refuse(taphoa.CodeValidate, "name", "Tên vai trò (name) không được quá %d ký tự", roleNameMax)
	}
	if role.ID == right.OwnerRole || role.Has(right.Administer) {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "rights", "Vai trò chủ cửa hàng có mọi quyền, không sửa được và không có vai trò nào khác như vậy")
	}
	if role.Percent < 0 || role.Percent > taphoa.Ratio(100) {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "percent", "Mức giảm giá phải từ 0 đến %d %%", 100)
	}
	if role.Amount < 0 || role.Amount > taphoa.MoneyMax || role.Amount != role.Amount.RoundDong() {
		return 0, taphoa.Refuse(taphoa.CodeValidate, "amount", "Mức giảm giá phải là số tiền nguyên từ 0 đến %v", taphoa.MoneyMax)
	}
	err = s.record(ctx, &by.Account, "saveRole", func(tx *db.Tx) error {
		all, err := roles(tx)
		if err != nil {
			return err
		}
		if id = role.ID; id == 0 {
			if len(all) >= rolesMax {
				return taphoa.Refuse(taphoa.CodeValidate, "", "Cửa hàng chỉ có được %d vai trò", rolesMax)
			}
			if id, err = tx.NewID("access_roles"); err != nil {
				return err
			}
			id += right.BuiltInMax
		} else if !slices.ContainsFunc(all, func(r right.Role) bool { return r.ID == id }) {
			return unknownRole()
		}
		key := text.CodeKey(role.Name)
		if slices.ContainsFunc(all, func(r right.Role) bool { return r.ID != id && text.CodeKey(r.Name) == key }) {
			return taphoa.Refuse(taphoa.CodeValidate, "name", "Vai trò %s đã tồn tại", role.Name)
		}
		audit.Resource(tx, "roles")
		audit.Record(tx, id, role.Name)
		for _, before := range all {
			if before.ID == id {
				noteChange(tx, "name", before.Name, role.Name)
				noteChange(tx, "rights", before.Text(), role.Text())
			}
		}
		if role.ID == 0 {
			audit.Value(tx, "rights", nil, role.Text())
		}
		tx.Queue(`
			INSERT INTO access_roles (retailer_id, id, name, name_key, rights, created_date) VALUES (:retailer, ?, ?, ?, ?, ?)
			ON CONFLICT (retailer_id, id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, rights = excluded.rights`,
			id, role.Name, key, role.Text(), tx.Clock)
		tx.Queue(`UPDATE access_sessions SET outdated = TRUE WHERE retailer_id = :retailer AND user_id IN (
			SELECT user_id FROM access_user_roles WHERE retailer_id = :retailer AND role_id = ?)`, id)
		return nil
	})
	return id, err
}

// RemoveRole removes a role of the shop's own, which no one has.
func (s *Service) RemoveRole(ctx context.Context, by Session, id int64) error {
	if err := by.mayManage(s.db.Now(), true); err != nil {
		return err
	}
	return s.record(ctx, &by.Account, "removeRole", func(tx *db.Tx) error {
		if id <= right.BuiltInMax {
			return taphoa.Refuse(taphoa.CodeValidate, "", "Vai trò có sẵn không xóa được")
		}
		_, used, err := db.One[int64](tx, `SELECT user_id FROM access_user_roles WHERE retailer_id = :retailer AND role_id = ? ORDER BY user_id LIMIT 1`, id)
		if err == nil && used {
			err = taphoa.Refuse(taphoa.CodeValidate, "", "Vai trò này đang có người giữ, hãy bỏ vai trò của họ trước")
		}
		if err != nil {
			return err
		}
		connection, used, err := db.One[string](tx, `
			SELECT name FROM oauth_clients WHERE retailer_id = :retailer AND role_id = ? AND is_active ORDER BY created_date, client_id LIMIT 1`, id)
		if err == nil && used {
			err = taphoa.Refuse(taphoa.CodeValidate, "", "Kết nối %s đang theo vai trò này, hãy thu hồi kết nối đó trước", connection)
		}
		if err != nil {
			return err
		}
		name, found, err := db.One[string](tx, `DELETE FROM access_roles WHERE retailer_id = :retailer AND id = ? RETURNING name`, id)
		if err == nil && !found {
			err = unknownRole()
		}
		audit.Resource(tx, "roles")
		audit.Record(tx, id, name)
		return err
	})
}

// noteChange notes a member that has changed for the audit log.
func noteChange(tx *db.Tx, member, before, after string) {
	if before != after {
		audit.Value(tx, member, before, after)
	}
}

// UserRoles lists the roles of all users of the shop, by user.
func (s *Service) UserRoles(ctx context.Context, by Session) (all map[int64][]UserRole, err error) {
	if err := by.mayManage(s.db.Now(), false); err != nil {
		return nil, err
	}
	type row struct {
		User int64 `db:"user_id"`
		UserRole
	}
	err = s.db.Read(ctx, by.actor(), func(tx *db.Tx) error {
		rows, err := db.All[row](tx, `
			SELECT user_id, role_id, branch_id FROM access_user_roles WHERE retailer_id = :retailer ORDER BY user_id, role_id, branch_id`)
		all = map[int64][]UserRole{}
		for _, r := range rows {
			all[r.User] = append(all[r.User], r.UserRole)
		}
		return err
	})
	return all, err
}

// SetUserRoles gives a user roles instead of those before. The user gets another token with the next request.
func (s *Service) SetUserRoles(ctx context.Context, by Session, user int64, want []UserRole) error {
	if err := by.mayManage(s.db.Now(), true); err != nil {
		return err
	}
	return s.record(ctx, &by.Account, "setUserRoles", func(tx *db.Tx) error { return SetUserRoles(tx, user, want) })
}

// SetUserRoles is [Service.SetUserRoles] for who need not be asked: commands, and the sample data.
func SetUserRoles(tx *db.Tx, user int64, want []UserRole) error {
	row, err := lockAccount(tx, user)
	if err != nil {
		return err
	}
	all, err := roles(tx)
	if err != nil {
		return err
	}
	branches, err := db.All[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id`)
	if err != nil {
		return err
	}
	switch {
	case row.Owner:
		return taphoa.Refuse(taphoa.CodeValidate, "roles", "Chủ cửa hàng có mọi quyền, không cần vai trò")
	case len(want) > userRoleMax:
		return taphoa.Refuse(taphoa.CodeValidate, "roles", "Một người chỉ có được %d vai trò", userRoleMax)
	}
	before, err := db.All[UserRole](tx, `
		DELETE FROM access_user_roles WHERE retailer_id = :retailer AND user_id = ? RETURNING role_id, branch_id`, user)
	if err != nil {
		return err
	}
	audit.Record(tx, user, row.UserName)
	noteChange(tx, "roles", rolesText(before, all), rolesText(want, all))
	for i, r := range want {
		switch {
		case slices.Contains(want[:i], r):
			continue
		case !slices.ContainsFunc(all, func(known right.Role) bool { return known.ID == r.Role }):
			return unknownRole()
		case r.Branch != 0 && !slices.Contains(branches, r.Branch):
			return taphoa.NotFound(taphoa.CodeValidate, "Chi nhánh không tồn tại")
		case r.Branch != 0 && r.Role == right.OwnerRole:
			return taphoa.Refuse(taphoa.CodeValidate, "roles", "Vai trò chủ cửa hàng là của toàn cửa hàng, không của riêng chi nhánh")
		}
		tx.Queue(`INSERT INTO access_user_roles (retailer_id, user_id, role_id, branch_id) VALUES (:retailer, ?, ?, ?)`, user, r.Role, r.Branch)
	}
	tx.Queue(`UPDATE access_sessions SET outdated = TRUE WHERE retailer_id = :retailer AND user_id = ?`, user)
	return nil
}

// rolesText names roles, each with the id of its branch, for the audit log.
func rolesText(of []UserRole, all []right.Role) string {
	var words []string
	for _, r := range of {
		for _, known := range all {
			switch {
			case known.ID != r.Role:
			case r.Branch == 0:
				words = append(words, known.Name)
			default:
				words = append(words, fmt.Sprintf("%s (%d)", known.Name, r.Branch))
			}
		}
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// WorkAt has a session work at one branch, where the person has a role; 0 for wherever they have one.
func (s *Service) WorkAt(ctx context.Context, by Session, branch int64) error {
	if by.Pending {
		return ErrSecondFactor
	}
	id, err := by.row()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, by.actor(), func(tx *db.Tx) error {
		all, err := held(tx, by.User, by.Owner)
		if err != nil {
			return err
		}
		_, open, err := db.One[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, branch)
		if err == nil && branch != 0 && (!open || all.Only(branch).None()) {
			err = taphoa.NotFound(taphoa.CodeValidate, "Bạn không có vai trò ở chi nhánh này")
		}
		if err != nil {
			return err
		}
		tx.Queue(`UPDATE access_sessions SET branch_id = ? WHERE retailer_id = :retailer AND id = ?`, branch, id)
		return nil
	})
}
