package message

// vietnameseMail has the texts about mail to people.
var vietnameseMail = []entry{
	{"Send invitations and resets through this server: smtp://USER:PASSWORD@HOST:PORT with STARTTLS, or smtps://; needs --smtp-from and --public-url.", "Gửi lời mời và liên kết đặt lại mật khẩu qua máy chủ thư này: smtp://NGƯỜI:MẬT_KHẨU@MÁY:CỔNG có STARTTLS, hoặc smtps://; cần --smtp-from và --public-url."},
	{"With --smtp-url: the address that mail comes from, such as no-reply@shop.example.", "Đi cùng --smtp-url: địa chỉ gửi thư, ví dụ no-reply@shop.example."},
	{"--smtp-url and --smtp-from belong together: give both", "--smtp-url và --smtp-from phải đi cùng nhau: hãy cho cả hai"},
	{"%s needs --public-url: the links in a mail lead there", "%s cần --public-url: liên kết trong thư dẫn tới đó"},
	{"%s must be a URL such as smtp://USER:PASSWORD@mail.example:587 or smtps://USER:PASSWORD@mail.example:465; in a password write %%40 for @, %%3A for :, %%2F for /", "%s phải là URL như smtp://NGƯỜI:MẬT_KHẨU@mail.example:587 hoặc smtps://NGƯỜI:MẬT_KHẨU@mail.example:465; trong mật khẩu viết %%40 thay @, %%3A thay :, %%2F thay /"},
	{"%s must be an address such as no-reply@shop.example", "%s phải là địa chỉ như no-reply@shop.example"},
}
