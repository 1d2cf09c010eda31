"""Refusals of records, rectifications and evidence files.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

RECORDS = {
    "done_before_found": Sentence(
        "{day} is before the month that was inspected ({period})",
        "完成日期 {day} 早于检查的月份 {period}",
    ),
    "due_passed": Sentence(
        "{criterion} is due on {due}, which has passed (today is {today})",
        "{criterion} 的整改时限 {due} 已过（今天是 {today}）",
    ),
    "empty_file": Sentence("the file is empty", "文件是空的，请重新选择"),
    "evidence_folder_full": Sentence(
        "the disk of the evidence folder {folder} has {megabytes} MB left: uploads fail soon",
        "附件文件夹 {folder} 所在磁盘只剩 {megabytes} MB，将无法上传附件",
    ),
    "evidence_folder_missing": Sentence(
        "the evidence folder {folder} is missing or empty, but {count} files are registered; "
        "mount or move it there, name it in TRACKER_EVIDENCE_FOLDER, or restore a backup",
        "附件文件夹 {folder} 不在或是空的，而系统登记了 {count} 个文件；请挂载或移回，或用 "
        "TRACKER_EVIDENCE_FOLDER 指明，或从备份恢复",
        kind=Kind.NOT_FOUND,
    ),
    "evidence_folder_missing.file": Sentence(
        "the evidence folder {folder} is a file; move it away, or name another folder in "
        "TRACKER_EVIDENCE_FOLDER",
        "附件文件夹 {folder} 是一个文件；请移走它，或用 TRACKER_EVIDENCE_FOLDER 指明别的文件夹",
        kind=Kind.NOT_FOUND,
    ),
    "evidence_folder_read_only": Sentence(
        "the evidence folder {folder} cannot be written; check its permissions and its disk",
        "附件文件夹 {folder} 不能写入，无法上传附件；请检查权限和磁盘",
    ),
    "file_altered": Sentence(
        "the file {name} was altered on the server's disk and is not shown; ask the "
        "administrator to restore it from a backup",
        "文件 {name} 在服务器上被改动过，与上传时不符，不予显示；请联系管理员从备份恢复",
        kind=Kind.NOT_FOUND,
    ),
    "file_missing": Sentence(
        "the file {name} is missing from the server's disk; ask the administrator to restore it "
        "from a backup",
        "文件 {name} 在服务器上找不到了；请联系管理员从备份恢复",
        kind=Kind.NOT_FOUND,
    ),
    "file_too_large": Sentence("the file is larger than {megabytes} MB", "文件超过 {megabytes} MB"),
    "upload_quota": Sentence(
        "{used} MB were uploaded today, and this file of {size} MB would exceed the limit of "
        "{megabytes} MB for an account and day; the count begins again on {day} at 00:00: upload "
        "it then, or ask the administrator to raise the limit",
        "今天已上传 {used} MB，加上这个文件（{size} MB）超过每个账号每天 {megabytes} MB 的上限；"
        "{day} 0 时重新计算，请届时再传，或请管理员调高上限",
        kind=Kind.NOT_NOW,
    ),
    "future_date": Sentence(
        "{day} is in the future (today is {today})", "日期 {day} 还没有到（今天是 {today}）"
    ),
    "history_closed": Sentence(
        "the cycle of {month} has opened; history can no longer be added to it",
        "{month} 的抽查已经启动，不能再补录历史",
        kind=Kind.CONFLICT,
    ),
    "identity_conflict": Sentence(
        "{identity} was already recorded with other content; correct it instead of repeating it",
        "这份表单已经提交并保存过一次，这次内容不同，没有再次保存",
    ),
    "identity_conflict.line": Sentence(
        "{identity} was already recorded with other content; correct it instead of repeating it",
        "这份表单已经提交并保存过一次，这次内容不同，没有再次保存",
        kind=Kind.CONFLICT,
    ),
    "no_identity": Sentence(
        "is missing; a line without a record_id needs an id",
        "缺少编号：每行须有自己的 record_id 或 id",
    ),
    "no_such_file": Sentence(
        "the file {file} was not uploaded",
        "文件 {file}… 没有上传成功，请重新上传",
        kind=Kind.NOT_FOUND,
    ),
    "outside_life": Sentence(
        "{day} is outside the life of {code} ({first} to {last})",
        "日期 {day} 不在该组织存续期内（{first} 至 {last}）",
    ),
    "record_changed": Sentence(
        "somebody changed this record after you opened it; check it and try again",
        "您打开页面之后，这条记录被别人改过，尚未保存；请看清下面的改动后再提交",
        kind=Kind.CONFLICT,
    ),
    "record_retracted": Sentence(
        "this record was retracted; that is final", "这条记录已经撤回，不能再改", kind=Kind.CONFLICT
    ),
    "recorded_before": Sentence(
        "the recording date {recorded} is before the activity on {day}",
        "补录日期 {recorded} 早于活动日期 {day}",
    ),
    "unknown_file": Sentence(
        "there is no such file", "没有这个文件，或您无权查看", kind=Kind.NOT_FOUND
    ),
    "unknown_record": Sentence(
        "this organization has no record {record_id}", "没有这条记录", kind=Kind.NOT_FOUND
    ),
    "unknown_rectification": Sentence(
        "this organization has no rectification {rectification_id}",
        "没有这份整改通知",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_word": Sentence(
        "{word} is not in the vocabulary of any built-in or published scheme",
        "不在标准和词汇表中：{word}",
        kind=Kind.NOT_FOUND,
    ),
    "upload_interrupted": Sentence(
        "the upload was interrupted and nothing was stored; try again",
        "上传中断，没有保存，请重新上传",
        kind=Kind.NOT_NOW,
    ),
    "wrong_expected_version": Sentence(
        "{stream} has changed (version {actual}, you saw {expected}); read it again",
        "您打开页面之后有人改过，没有保存；请重新查看后再提交",
        kind=Kind.CONFLICT,
    ),
    "wrong_file_type": Sentence(
        "only pictures (JPEG, PNG, GIF, WebP, BMP, TIFF, HEIC, AVIF), PDF and Word, Excel or"
        " PowerPoint files are accepted; save the file as one of these",
        "只收图片（JPEG、PNG、GIF、WebP、BMP、TIFF、HEIC、AVIF）、PDF、Word、Excel、PPT；"
        "请另存为其中一种后再上传（改扩展名不算）",
    ),
}
"""The sentences by code."""
