// Package promo has vouchers, which pay for goods, and coupons, whose use another system reports. Both are codes that
// belong to a campaign.
//
// A voucher is unused (0), released (1), used (2) or, before its release, cancelled (3). What it is worth and when it
// expires follows from its campaign. Where, by whom and for what it can be used, [plan.Redeem] decides from what [Ask]
// returns; [Save] writes it. Its payment is posted by cash and names the voucher; voiding that payment
// releases the voucher again ([plan.Facts.Release]).
//
// Invariants, in the words of [Check]:
//
//  1. once: a used voucher has made one valid payment, any other voucher none
//  2. quantity: a campaign has as many codes as it says
//
// Beside them: a code is unique in the shop in any letter case, vouchers and coupons apart; the price of a campaign does
// not change once a voucher of it is released.
//
// It owns the tables voucher_campaigns, voucher_campaign_limits, vouchers, coupon_campaigns and coupons. An operation locks
// a campaign before its codes, and codes in the order of their ids; a sale locks vouchers after its document and before
// goods, and no campaign.
package promo
