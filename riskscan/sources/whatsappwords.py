"""WhatsApp's own words in a chat, in the languages of its apps: deleted, edited, file attached.

WhatsApp publishes no list of them; these are its translations as users and parsers report them.
What is not here is read as somebody's words: nothing is lost, but the post is not marked.
"""

from __future__ import annotations

import re

_DELETED = frozenset(
    """
this message was deleted | you deleted this message | this message was deleted by admin
diese nachricht wurde gelöscht | du hast diese nachricht gelöscht
ce message a été supprimé | vous avez supprimé ce message
se eliminó este mensaje | eliminaste este mensaje | este mensaje fue eliminado
este mensaje se ha eliminado | has eliminado este mensaje
esta mensagem foi apagada | essa mensagem foi apagada | mensagem apagada | você apagou esta mensagem
você apagou essa mensagem | esta mensagem foi eliminada | eliminou esta mensagem
apagou esta mensagem
questo messaggio è stato eliminato | hai eliminato questo messaggio
aquest missatge s'ha suprimit | has suprimit aquest missatge
dit bericht is verwijderd | u hebt dit bericht verwijderd | je hebt dit bericht verwijderd
данное сообщение удалено | вы удалили данное сообщение | сообщение удалено
это сообщение удалено | это сообщение было удалено | вы удалили это сообщение
це повідомлення було видалено | це повідомлення видалено | ви видалили це повідомлення
ta wiadomość została usunięta | usunięto tę wiadomość | usunąłeś tę wiadomość
usunęłaś tę wiadomość | usunąłeś(-ęłaś) tę wiadomość
tato zpráva byla smazána | tato zpráva byla odstraněna | smazali jste tuto zprávu
tuto zprávu jste smazali | odstranili jste tuto zprávu
táto správa bola vymazaná | táto správa bola odstránená | vymazali ste túto správu
túto správu ste vymazali | odstránili ste túto správu
ezt az üzenetet törölték | törölted ezt az üzenetet | ez az üzenet törölve lett
acest mesaj a fost șters | ai șters acest mesaj | ați șters acest mesaj
това съобщение беше изтрито | изтрихте това съобщение | съобщението е изтрито
ova je poruka izbrisana | ova poruka je izbrisana | izbrisali ste ovu poruku
ова порука је избрисана | избрисали сте ову поруку
to sporočilo je bilo izbrisano | izbrisali ste to sporočilo
αυτό το μήνυμα διαγράφηκε | αυτό το μήνυμα διαγράφτηκε | διαγράψατε αυτό το μήνυμα
bu mesaj silindi | bu mesajı sildiniz | bu mesajı sildin
detta meddelande raderades | du raderade detta meddelande | meddelandet raderades
det här meddelandet togs bort | du tog bort det här meddelandet
denne besked blev slettet | du slettede denne besked | beskeden blev slettet
denne meldingen ble slettet | du slettet denne meldingen
tämä viesti poistettiin | tämä viesti on poistettu | poistit tämän viestin
see sõnum kustutati | sa kustutasid selle sõnumi
šī ziņa tika dzēsta | jūs izdzēsāt šo ziņu
ši žinutė buvo ištrinta | ištrynėte šią žinutę | jūs ištrynėte šią žinutę
تم حذف هذه الرسالة | لقد حذفت هذه الرسالة | حذفت هذه الرسالة | أنت حذفت هذه الرسالة
הודעה זו נמחקה | ההודעה נמחקה | מחקת הודעה זו | מחקת את ההודעה
این پیام حذف شد | این پیام حذف شده است | شما این پیام را حذف کردید
یہ پیغام حذف کر دیا گیا | آپ نے یہ پیغام حذف کر دیا
यह संदेश हटा दिया गया | यह संदेश मिटाया गया था | आपने यह संदेश मिटाया
यह मैसेज डिलीट किया गया था | यह मैसेज डिलीट किया गया | आपने यह मैसेज डिलीट किया
এই মেসেজটি মুছে ফেলা হয়েছে | আপনি এই মেসেজটি মুছে ফেলেছেন
pesan ini telah dihapus | pesan ini dihapus | anda menghapus pesan ini
anda telah menghapus pesan ini | mesej ini telah dipadamkan | mesej ini telah dipadam
anda memadamkan mesej ini | anda telah memadamkan mesej ini
ujumbe huu ulifutwa | ulifuta ujumbe huu
tin nhắn này đã bị xóa | tin nhắn này đã bị xoá | bạn đã xóa tin nhắn này | bạn đã xoá tin nhắn này
ข้อความนี้ถูกลบแล้ว | ข้อความนี้ถูกลบ | คุณลบข้อความนี้แล้ว | คุณลบข้อความนี้
このメッセージは削除されました | このメッセージを削除しました | メッセージを削除しました
あなたはこのメッセージを削除しました
이 메시지는 삭제되었습니다 | 이 메시지를 삭제했습니다 | 삭제된 메시지입니다
회원님이 이 메시지를 삭제했습니다 | 메시지를 삭제했습니다
此消息已删除 | 这条消息已删除 | 此消息已被删除 | 您删除了这条消息
你删除了这条消息 | 您已删除此消息
此訊息已刪除 | 此訊息已被刪除 | 這則訊息已刪除 | 您刪除了這則訊息 | 你刪除了這則訊息
您已刪除此訊息 | 你已刪除此訊息 | 你刪除了此訊息
""".replace("\n", "|")
    .casefold()
    .split("|")
)
_EDITED = frozenset(
    """
this message was edited | diese nachricht wurde bearbeitet | ce message a été modifié
se editó este mensaje | este mensaje fue editado | mensagem editada | esta mensagem foi editada
questo messaggio è stato modificato | dit bericht is bewerkt | aquest missatge s'ha editat
сообщение изменено | данное сообщение изменено | это сообщение изменено
это сообщение было изменено | сообщение отредактировано
це повідомлення відредаговано | це повідомлення було відредаговано | це повідомлення змінено
ta wiadomość została edytowana | wiadomość edytowana | edytowano tę wiadomość
tato zpráva byla upravena | táto správa bola upravená | ezt az üzenetet szerkesztették
üzenet szerkesztve | acest mesaj a fost editat | това съобщение беше редактирано
ova je poruka uređena | ova poruka je uređena | ова порука је измењена
to sporočilo je bilo urejeno | αυτό το μήνυμα τροποποιήθηκε
αυτό το μήνυμα υποβλήθηκε σε επεξεργασία
bu mesaj düzenlendi | detta meddelande redigerades | det här meddelandet har redigerats
meddelandet har redigerats | denne besked blev redigeret | denne meldingen ble redigert
tätä viestiä muokattiin | viestiä muokattu | تم تعديل هذه الرسالة | הודעה זו נערכה | ההודעה נערכה
این پیام ویرایش شد | یہ پیغام ایڈٹ کیا گیا | यह संदेश संपादित किया गया | यह मैसेज एडिट किया गया
pesan ini diedit | pesan ini telah diedit | mesej ini telah diedit | mesej ini diedit
tin nhắn này đã được chỉnh sửa | tin nhắn này đã chỉnh sửa | ข้อความนี้ถูกแก้ไขแล้ว
แก้ไขข้อความนี้แล้ว | このメッセージは編集されました | 이 메시지는 수정되었습니다 | 수정된 메시지입니다
此消息已编辑 | 此消息已被编辑 | 您已编辑此消息 | 此訊息已編輯 | 已編輯此訊息 | 此訊息已被編輯
""".replace("\n", "|")
    .casefold()
    .split("|")
)
_ATTACHED = frozenset(
    """
file attached | datei angehängt | fichier joint | archivo adjunto | arquivo anexado
ficheiro anexado | file allegato | bestand bijgevoegd | fitxer adjunt | файл добавлен
файл прикреплён | файл прикреплен | файл додано | файл прикріплено | załączono plik
plik załączony | plik dołączony | soubor byl přiložen | přiložený soubor | priložený súbor
csatolt fájl | fájl csatolva | fișier atașat | прикачен файл | priložena datoteka
συνημμένο αρχείο | επισυναπτόμενο αρχείο | dosya ekli | ekli dosya | bifogad fil | fil bifogad
fil vedhæftet | vedhæftet fil | vedlagt fil | fil vedlagt | tiedosto liitetty | liitetiedosto
الملف مرفق | ملف مرفق | קובץ מצורף | הקובץ מצורף | فایل پیوست شده است | फ़ाइल संलग्न | file terlampir
fail dilampirkan | tệp đính kèm | tập tin đính kèm | ไฟล์ที่แนบ | แนบไฟล์ | 添付ファイル | ファイル添付
파일 첨부됨 | 파일 첨부 | 첨부파일 | 文件附件 | 附件 | 檔案附件 | 文件已附加 | 檔案已附加
""".replace("\n", "|")
    .casefold()
    .split("|")
)
_WORDS = {
    name: frozenset(one.strip() for one in several if one.strip())
    for name, several in (("deleted", _DELETED), ("edited", _EDITED), ("attached", _ATTACHED))
}
_BY_ADMIN = re.compile(
    r"(.{8,80}?) (?:by admin|pelo admin\.?|por el admin\.?|por admin|par l[’']admin\.?"
    r"|dall[’']amministratore|door beheerder|von admin) [^\n]{1,100}"
)
_ANGLED = re.compile(r"[\s\u200e]{0,4}<([^<>\n]{3,80})>\s*\Z")
_MOST = 250  # characters


def says_deleted(text: str) -> bool:
    """Whether a post, without marks, is WhatsApp's word that it was deleted."""
    if len(text) > _MOST:
        return False
    said = text.casefold().strip(" .。!\xa0")
    by_admin = _BY_ADMIN.fullmatch(said)
    return said in _WORDS["deleted"] or bool(by_admin and by_admin[1] in _WORDS["deleted"])


def edited_from(text: str) -> int:
    """Where WhatsApp's word that a post was edited begins at its end; -1 where it has none."""
    start = max(0, len(text) - _MOST)
    found = _ANGLED.search(text[start:])
    if found is None or found[1].casefold().strip(" .。\u200e") not in _WORDS["edited"]:
        return -1
    return start + found.start()


def says_attached(text: str) -> bool:
    """Whether this, in brackets, is WhatsApp's word that a file is attached."""
    return text.casefold().strip(" .\u200e\u200f") in _WORDS["attached"]
