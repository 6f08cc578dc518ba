package plan

import (
	"reflect"
	"sync"
)

// CopyFields sets those fields of a struct that another one has under the same name and with the same type: what a row and
// the record that shows it have in common.
func CopyFields[To, From any](to *To, from *From) {
	key := [2]reflect.Type{reflect.TypeFor[To](), reflect.TypeFor[From]()}
	common, known := commonFields.Load(key)
	if !known {
		common, _ = commonFields.LoadOrStore(key, fieldsInCommon(key[0], key[1]))
	}
	dst, src := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for _, f := range common.([][2]int) {
		dst.Field(f[0]).Set(src.Field(f[1]))
	}
}

var commonFields sync.Map // [2]reflect.Type -> [][2]int

func fieldsInCommon(to, from reflect.Type) (common [][2]int) {
	for i := range to.NumField() {
		if f, found := from.FieldByName(to.Field(i).Name); found && len(f.Index) == 1 && f.Type == to.Field(i).Type {
			common = append(common, [2]int{i, f.Index[0]})
		}
	}
	return common
}
