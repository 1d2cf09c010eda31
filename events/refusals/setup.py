"""Refusals of settings, databases and backups.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

SETUP = {
    "address_taken": Sentence(
        "cannot listen on {host}:{port}: {problem}; choose another with --port",
        "无法在 {host}:{port} 监听（{problem}），请用 --port 换一个端口",
        kind=Kind.CONFLICT,
    ),
    "backup_changed": Sentence(
        "the content does not match the SHA-256 in the manifest", "内容与清单中的 SHA-256 不符"
    ),
    "backup_evidence_altered": Sentence(
        "evidence files of the backup do not match their SHA-256", "备份里有附件被改动"
    ),
    "backup_evidence_list": Sentence(
        "the list of evidence files does not match the manifest", "附件清单与备份清单不符"
    ),
    "backup_evidence_missing": Sentence(
        "evidence files are missing from the backup", "备份里缺少附件"
    ),
    "backup_events": Sentence(
        "the number of events does not match the manifest", "事件数与清单不符"
    ),
    "backup_heads": Sentence("the newest hashes do not match the events", "最新哈希与事件不符"),
    "backup_missing": Sentence("the backup file is missing", "副本文件不在了"),
    "backup_root": Sentence(
        "the newest hashes of the streams do not match the manifest", "各流最新哈希与清单不符"
    ),
    "backup_unreadable": Sentence(
        "the file cannot be opened, or the database is damaged", "打不开，或数据库已损坏"
    ),
    "backup_failed": Sentence(
        "the copy could not be written to {folder}: {problem}; check the space and the permissions "
        "there, or name another folder in TRACKER_BACKUP_FOLDER, then repeat it",
        "备份没有写成（{folder}）：{problem}；"
        "请检查那里的空间和权限，或在 TRACKER_BACKUP_FOLDER 中换一个文件夹，再重新备份",
    ),
    "backup_failed.source": Sentence(
        "the database could not be copied: {problem}; run: tracker audit verify, and restore an "
        "earlier backup if it finds faults",
        "数据库没有复制成：{problem}；请运行 tracker audit verify，核对出错误时用以前的备份恢复",
    ),
    "backup_running": Sentence(
        "a backup of this second already exists; try again in a moment",
        "这一秒已经有一份备份，请稍后再试",
        kind=Kind.BUSY,
    ),
    "bad_database_url": Sentence(
        "TRACKER_DATABASE_URL is not sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        "设置 TRACKER_DATABASE_URL 应为 sqlite:///文件 或 postgresql://用户@主机/库名",
    ),
    "bad_database_url.options": Sentence(
        "the address of a SQLite database takes no options: remove ?{options}",
        "SQLite 数据库地址不带参数，请去掉 ?{options}",
    ),
    "env_file_unreadable": Sentence(
        "the file of settings {file} cannot be read ({problem}); TRACKER_ENV_FILE names it",
        "无法读取设置文件 {file}（{problem}），它由 TRACKER_ENV_FILE 指定",
    ),
    "bad_setting": Sentence("{field}: {problem}", "设置 {field} 不正确：{problem}"),
    "bad_zone": Sentence(
        "--zone: {zone!r} is not a time zone such as Asia/Shanghai",
        "不是有效的时区：{zone}，例如 Asia/Shanghai",
    ),
    "copy_bad_address": Sentence("{place}: {problem}", "{place}：{problem}"),
    "copy_differs": Sentence(
        "{target} is not the same as {source} after copying ({problem}); delete it and copy again",
        "复制后 {target} 与 {source} 不一致（{problem}）；请删除目标库后重新复制",
        kind=Kind.CONFLICT,
    ),
    "copy_itself": Sentence(
        "FROM and TO are the same database {name}", "来源和目标是同一个数据库 {name}"
    ),
    "copy_moved_on": Sentence(
        "{source} was changed while it was copied; stop the service, then repeat the command: it "
        "copies the rest",
        "复制期间 {source} 又有改动；请先停止服务，再重复这条命令，会把其余部分补上",
        kind=Kind.CONFLICT,
    ),
    "copy_source_old": Sentence(
        "{source} has tables {schema}, the program knows {known}; bring it up to date with: "
        "tracker init",
        "{source} 的表版本是 {schema}，程序需要 {known}；请先对它运行 tracker init",
        kind=Kind.CONFLICT,
    ),
    "copy_target_full": Sentence(
        "{target} is not empty and is no unfinished copy of {source}; nothing was done: name a new "
        "SQLite file or an empty PostgreSQL database",
        "{target} 不是空库，也不是 {source} 未完成的副本，没有复制；"
        "请指定新的 SQLite 文件或空的 PostgreSQL 库",
        kind=Kind.CONFLICT,
    ),
    "copy_unfinished": Sentence(
        "{name} is an unfinished copy; repeat: tracker database copy FROM TO",
        "{name} 还没有复制完，请重复 tracker database copy 来源 目标",
        kind=Kind.CONFLICT,
    ),
    "copy_unusable": Sentence(
        "the database {name} cannot be used: {problem}", "数据库 {name} 不能使用：{problem}"
    ),
    "copy_unusable.busy": Sentence(
        "the database {name} is busy or unreachable, try again later: {problem}",
        "数据库 {name} 正忙或连接不上，请稍后再试：{problem}",
        kind=Kind.BUSY,
    ),
    "database_in_use": Sentence(
        "the database {file} is in use; stop the service, then restore",
        "数据库 {file} 正在使用，请先停止服务再恢复",
        kind=Kind.BUSY,
    ),
    "database_broken": Sentence(
        "the disk of the database reports an error or the database is damaged; ask the "
        "administrator to check the disk and the space left, then to run: tracker audit verify",
        "数据库所在磁盘出错或数据库已损坏，这一步没有完成；"
        "请联系管理员检查磁盘和剩余空间，再运行 tracker audit verify 核对",
        kind=Kind.BUSY,
    ),
    "database_broken.command": Sentence(
        "the database {name} cannot be used: {problem}; check its disk and the space left there, "
        "then run: tracker audit verify, and restore a backup if it finds faults",
        "数据库 {name} 不能使用：{problem}；请检查所在磁盘及剩余空间，"
        "再运行 tracker audit verify，核对出错误时用备份恢复",
    ),
    "database_full": Sentence(
        "the disk of the database is full and nothing was saved; ask the administrator to free "
        "space, then try again",
        "数据库所在磁盘已满，内容没有保存；请联系管理员腾出空间后再试",
        kind=Kind.BUSY,
    ),
    "database_full.command": Sentence(
        "the disk of the database {name} is full: {problem}; free space there, then repeat the "
        "command: what was saved already is not saved twice",
        "数据库 {name} 所在磁盘已满：{problem}；请腾出空间后重复这条命令，已保存的不会重复保存",
    ),
    "database_unwritable": Sentence(
        "the database cannot be written and nothing was saved; ask the administrator to check "
        "the permissions of its file and folder",
        "数据库不能写入，内容没有保存；请联系管理员检查数据库文件和文件夹的权限",
        kind=Kind.BUSY,
    ),
    "database_unwritable.command": Sentence(
        "the database {name} cannot be used: {problem}; check the permissions of its file and "
        "folder (PostgreSQL: the rights of its user), then repeat the command",
        "数据库 {name} 不能使用：{problem}；请检查文件和文件夹的权限"
        "（PostgreSQL 请检查用户的权限）后重复这条命令",
    ),
    "demonstration_clock": Sentence(
        "the database has events already; a demonstration and its clock need a new database: name"
        " another in TRACKER_DATABASE_URL",
        "数据库中已有记录；演示及其时钟需要一个新的数据库，请在 TRACKER_DATABASE_URL 中换一个名字",
        kind=Kind.CONFLICT,
    ),
    "disk_full": Sentence(
        "the disk is full and the file was not saved ({problem}); ask the administrator to free "
        "space, then upload it again",
        "服务器磁盘已满，文件没有保存（{problem}）；请联系管理员腾出空间后重新上传",
        kind=Kind.BUSY,
    ),
    "district_fixed": Sentence(
        "the district already has the zone {zone} and the first month {month}; they "
        "cannot be changed",
        "考核区已建立：时区 {zone}、首个月份 {month}，不能再改",
        kind=Kind.CONFLICT,
    ),
    "event_damaged": Sentence(
        "event {version} of the stream {stream} is damaged in the database and cannot be read; "
        "run: tracker audit verify, then restore a backup",
        "数据库里流 {stream} 的第 {version} 个事件已损坏，无法读取；"
        "请管理员运行 tracker audit verify 核对，再用备份恢复",
        kind=Kind.CONFLICT,
    ),
    "no_database": Sentence(
        "there is no database {file}; create it with: tracker init",
        "这里还没有数据库，请先运行 tracker init",
        kind=Kind.NOT_FOUND,
    ),
    "no_database.empty": Sentence(
        "the database {name} has no tables of the tracker; create them with: tracker init",
        "这里还没有数据库，请先运行 tracker init",
        kind=Kind.NOT_FOUND,
    ),
    "no_district": Sentence(
        "the database has no district yet; create it with: tracker init",
        "还没有建立考核区，请先运行 tracker init",
        kind=Kind.NOT_FOUND,
    ),
    "not_fresh": Sentence(
        "{file} exists already; the demonstration needs a new database: remove it, or "
        "name another in TRACKER_DATABASE_URL",
        "{file} 已经存在；演示需要一个新的数据库，请移走它或换一个名字",
        kind=Kind.CONFLICT,
    ),
    "not_confirmed": Sentence(
        "{what}; nothing was done: repeat with --yes if that is meant",
        "{what}。尚未执行：确认无误后加 --yes 再运行",
        kind=Kind.CONFLICT,
    ),
    "not_confirmed.declined": Sentence("nothing was done", "没有执行", kind=Kind.CONFLICT),
    "not_text": Sentence("the argument {text} is not UTF-8", "参数 {text} 不是 UTF-8 文字"),
    "pg_program_missing": Sentence(
        "a PostgreSQL database is copied and restored with {program}, which is not on the PATH or "
        "does not run; install the client programs of PostgreSQL in the server's version or newer "
        "(Debian, Ubuntu: apt install postgresql-client)",
        "备份和恢复 PostgreSQL 数据库需要 {program}，PATH 中没有或不能运行；"
        "请安装不低于服务器版本的 PostgreSQL 客户端程序（Debian、Ubuntu：apt install "
        "postgresql-client）",
        kind=Kind.CONFLICT,
    ),
    "pg_program_old": Sentence(
        "{program} is of version {version}, the server of version {server}; install the client "
        "programs of PostgreSQL {server} and put them first on the PATH",
        "{program} 的版本是 {version}，服务器是 {server}；"
        "请安装 PostgreSQL {server} 的客户端程序并放在 PATH 最前面",
        kind=Kind.CONFLICT,
    ),
    "restore_failed": Sentence(
        "the backup could not be restored: {problem}; the database is as it was: check the space "
        "and the permissions of {folder} and of the evidence folder, then repeat it",
        "没有恢复成：{problem}；原数据库没有变动，"
        "请检查 {folder} 和附件文件夹的空间与权限，再重新恢复",
    ),
    "restore_faulty": Sentence(
        "the backup {name} is damaged and was not restored: {problem}",
        "备份 {name} 已损坏，没有恢复：{problem}",
    ),
    "restore_forbidden": Sentence(
        "the PostgreSQL user may not create or rename databases, which a restore needs: {problem}; "
        "let the server's administrator run: ALTER ROLE {user} CREATEDB, then repeat it",
        "PostgreSQL 用户没有恢复所需的建库或改名权限：{problem}；"
        "请服务器管理员执行 ALTER ROLE {user} CREATEDB 后重新恢复",
        kind=Kind.CONFLICT,
    ),
    "restore_other_kind": Sentence(
        "the backup {name} is of another kind of database than {database}; restore it into its own "
        "kind, then use: tracker database copy FROM TO",
        "备份 {name} 与 {database} 不是同一种数据库；"
        "请先恢复到同种数据库，再用 tracker database copy 来源 目标",
        kind=Kind.CONFLICT,
    ),
    "restore_newer": Sentence(
        "the backup {name} was made by a newer version ({version}); install it first",
        "备份 {name} 由更新的版本（{version}）所做，请先升级程序",
        kind=Kind.CONFLICT,
    ),
    "restore_unconfirmed": Sentence(
        "nothing was done: restoring puts {name} with {events} events in the place of {file}; "
        "repeat it with --yes",
        "没有恢复：{name}（{events} 个事件）将取代 {file}；确认请加 --yes",
        kind=Kind.CONFLICT,
    ),
    "no_backup": Sentence("there is no backup yet", "还没有备份", kind=Kind.NOT_FOUND),
    "server_disk": Sentence(
        "the server cannot write a file it needs ({problem}); ask the administrator to check the "
        "disks and permissions, then try again",
        "服务器无法写入所需的文件（{problem}）；请联系管理员检查磁盘和权限后再试",
        kind=Kind.BUSY,
    ),
    "server_disk.full": Sentence(
        "a disk of the server is full ({problem}); ask the administrator to free space, then try "
        "again",
        "服务器磁盘已满（{problem}）；请联系管理员腾出空间后再试",
        kind=Kind.BUSY,
    ),
    "storage_unusable": Sentence(
        "the folder of evidence files cannot be written and the file was not saved ({problem}); "
        "ask the administrator to check the folder, then upload it again",
        "附件文件夹不能写入，文件没有保存（{problem}）；请联系管理员检查文件夹后重新上传",
        kind=Kind.BUSY,
    ),
    "unknown_backup": Sentence(
        "there is no backup {name}", "没有名为 {name} 的备份", kind=Kind.NOT_FOUND
    ),
}
"""The sentences by code."""
