using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using HallOps.Silo.Journal;
using HallOps.Web.Audit;
using HallOps.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Operations;

/// <summary>
/// A whole data folder in one zip file: the SQL side where it is SQLite's (PostgreSQL has tools of its own), the journal with its archives, the keys, the clock's mark and replaced holidays, with the SHA-256 of each. The SQL side is copied first, so that the
/// journal has everything its rows came from and the projections catch up. The list of erasures comes last, and what is restored is the union of it with those at hand, never less.
/// </summary>
internal static partial class Backup
{
    private const int Format = 1;
    private const string ManifestName = "backup.json";

    private sealed record Manifest(int Format, DateTimeOffset MadeAt, Dictionary<string, string> Files);

    /// <summary>Writes a backup to a stream that may seek or not.</summary>
    /// <param name="copyJournal">Copies the journal to a file of that name; safe while it is written to.</param>
    public static void Write(DataFolder folder, Action<string> copyJournal, Stream to, DateTimeOffset now)
    {
        // In the data folder, because personal data are in it and /tmp is everybody's.
        var work = Path.Combine(folder.FullPath, WorkPrefix + Guid.NewGuid().ToString("N"));
        OwnerOnly.CreateDirectory(work);
        try
        {
            List<(string Name, string Path)> files = [];
            if (File.Exists(folder.PostgresPath)) files.Add((PostgresName, folder.PostgresPath));
            else
            {
                var database = Path.Combine(work, DatabaseName);
                CopyDatabase(folder.DatabasePath, database);
                files.Add((DatabaseName, database));
            }
            var journal = Path.Combine(work, "journal.db");
            copyJournal(journal);
            files.Add(("journal.db", journal));
            // As the copy names them: what is archived meanwhile is still in it.
            foreach (var name in JournalArchiving.NamesIn(work))
            {
                var archive = Path.Combine(folder.ArchivePath, name);
                if (!File.Exists(archive)) throw new JournalUnusableException($"the archive {name} of the journal is not in {folder.ArchivePath}: put it, or a copy of it, there");
                files.Add(($"{ArchiveFolder}/{name}", archive));
            }
            files.AddRange(Directory.EnumerateFiles(folder.KeysPath, "*", SearchOption.AllDirectories).Order()
                .Select(path => (Path.GetRelativePath(folder.FullPath, path).Replace('\\', '/'), path)).Where(f => Allowed().IsMatch(f.Item1)));
            if (File.Exists(folder.ClockPath)) files.Add(("clock.json", folder.ClockPath));
            if (File.Exists(folder.HolidaysPath)) files.Add(("holidays.json", folder.HolidaysPath));
            // A copy, since a person may be erased while this is written.
            var erased = Path.Combine(work, ErasedName);
            if (File.Exists(folder.ErasedPath)) File.Copy(folder.ErasedPath, erased);
            if (File.Exists(erased)) files.Add((ErasedName, erased));

            using var zip = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true);
            var manifest = new Manifest(Format, now, files.ToDictionary(f => f.Name, f => HashOf(f.Path)));
            using (var entry = zip.CreateEntry(ManifestName).Open()) JsonSerializer.Serialize(entry, manifest, JsonSerializerOptions.Web);
            foreach (var (name, path) in files) zip.CreateEntryFromFile(path, name, CompressionLevel.Fastest);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Why there is none of a folder whose journal is in Redis.</summary>
    public static string NotWithRedis(DataFolder folder) =>
        $"The journal of {folder.FullPath} is in Redis ({folder.RedisName}): back that up with its own tools, its append-only file for one, with {folder.ArchivePath} where days were archived, and the SQL side with PostgreSQL's; \"hallops journal copy sqlite:DIR\" makes a copy of the journal.";

    /// <summary>Removes what a backup left that was cut off with its process.</summary>
    public static void Tidy(DataFolder folder)
    {
        foreach (var left in Directory.EnumerateDirectories(folder.FullPath, WorkPrefix + "*")) Directory.Delete(left, recursive: true);
        foreach (var left in Directory.EnumerateFiles(folder.FullPath, WorkPrefix + "*")) File.Delete(left);
    }

    /// <summary>What may stand in a folder that a backup is put into: the list of erasures, which is kept, and what a lock leaves.</summary>
    public static bool MayStay(string name) => name is ErasedName or "server.lock" or "server.pid";

    /// <summary>Puts a backup into a folder that the caller has locked and that has nothing but what <see cref="MayStay"/>, checks that it opens, erases again whoever was erased since,
    /// and leaves the folder as it was where any of this fails.</summary>
    /// <param name="to">The folder, and where its SQL side is: PostgreSQL's was restored before.</param>
    /// <param name="erasedList">A list of erasures, joined with the backup's own and the folder's; null: none.</param>
    /// <exception cref="StartRefusedException">The file is no backup, is damaged or is of a newer format, or a list is not its.</exception>
    public static async Task<Restored> RestoreAsync(string file, SqlPlace to, string? erasedList)
    {
        var folder = to.Folder;
        var kept = File.Exists(folder.ErasedPath) ? await File.ReadAllBytesAsync(folder.ErasedPath) : null;
        List<(string Name, Erasures Erasures)> lists = [];
        if (kept is not null) lists.Add((folder.ErasedPath, Erasures.Parse(kept, folder.ErasedPath)));
        if (erasedList is not null) lists.Add((erasedList, Erasures.Read(erasedList)));
        var outside = lists.Count > 0;
        try
        {
            await using var zip = await ZipFile.OpenReadAsync(file);
            var manifest = await ReadAsync(zip, file);
            var inPostgres = manifest.Files.ContainsKey(PostgresName);
            if (inPostgres && !to.IsPostgres) throw new InvalidDataException($"its SQL side is in PostgreSQL: restore that first, with PostgreSQL's own tools, and set {PostgresSetting.Name}");
            if (!inPostgres && to.IsPostgres) throw new InvalidDataException($"its SQL side is SQLite's: leave out {PostgresSetting.Name}");
            foreach (var (name, hash) in manifest.Files.Where(f => f.Key != ErasedName)) await TakeAsync(zip, name, hash, folder, file);
            if (manifest.Files.ContainsKey(ErasedName)) lists.Add(($"the list in {file}", await ErasedInAsync(zip, manifest)));
            if (!inPostgres) CheckDatabase(folder);
            await CheckJournalAsync(folder);

            var keys = Keys.Open(folder);
            foreach (var (name, erasures) in lists) erasures.MustBeOf(keys, name);
            OwnerOnly.Write(folder.ErasedPath, lists.Aggregate(new Erasures(keys.Mark, []), (all, list) => all.With(list.Erasures)).ToBytes());
            return new Restored(manifest.MadeAt, outside, await EraseAgainAsync(to, keys, manifest.MadeAt));
        }
        catch (Exception e)
        {
            Clear(folder);
            if (kept is null) File.Delete(folder.ErasedPath);
            else OwnerOnly.Write(folder.ErasedPath, kept);
            if (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException or SqliteException or JournalUnusableException)
                throw new StartRefusedException($"{file} cannot be restored ({e.Message.TrimEnd('.')}); nothing was changed.", e);
            throw;
        }
    }

    public const string WorkPrefix = ".backup-";
    private const string ErasedName = "erased.txt";
    private const string ArchiveFolder = "archive";
    private const string DatabaseName = "hallops.db";
    private const string PostgresName = "postgresql.txt";

    private static async Task<Erasures> ErasedInAsync(ZipArchive zip, Manifest manifest)
    {
        using var bytes = new MemoryStream();
        await using (var from = await (zip.GetEntry(ErasedName) ?? throw new InvalidDataException($"it has no {ErasedName}")).OpenAsync()) await from.CopyToAsync(bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())) == manifest.Files[ErasedName] ? Erasures.Parse(bytes.ToArray(), ErasedName) : throw new InvalidDataException($"{ErasedName} is damaged");
    }

    // Here and not only at the next start, so that nobody who opens the restored file finds them.
    private static async Task<int> EraseAgainAsync(SqlPlace place, Keys keys, DateTimeOffset madeAt)
    {
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        place.Configure(options);
        await using var database = new HallOpsDb(options.Options);
        using var list = new ErasedList(place.Folder, keys, TimeProvider.System);
        await Schema.PrepareAsync(database, place, keys, CancellationToken.None);
        var again = await list.ApplyAsync(database, CancellationToken.None);
        var facts = FormattableString.Invariant($"the backup of {madeAt:yyyy-MM-dd'T'HH:mm:ss'Z'}; {again} people erased again");
        await new AuditLog(TimeProvider.System).AddAloneAsync(database, new AuditEntry("local", AuditWords.Restored, null, Detail: facts), CancellationToken.None);
        SqliteConnection.ClearAllPools();
        return again;
    }

    private static async Task<Manifest> ReadAsync(ZipArchive zip, string file)
    {
        if (zip.GetEntry(ManifestName) is not { } entry) throw new InvalidDataException("it is no backup");
        await using var stream = await entry.OpenAsync();
        var manifest = await JsonSerializer.DeserializeAsync<Manifest>(stream, JsonSerializerOptions.Web);
        if (manifest?.Files is null) throw new InvalidDataException("it is no backup");
        if (manifest.Format > Format) throw new InvalidDataException($"its format {manifest.Format} is newer than this version's {Format}");
        foreach (var needed in (string[])[manifest.Files.ContainsKey(PostgresName) ? PostgresName : DatabaseName, "journal.db", "keys/ticket.key", "keys/people.key"])
            if (!manifest.Files.ContainsKey(needed)) throw new InvalidDataException($"it has no {needed}");
        return manifest;
    }

    private static async Task TakeAsync(ZipArchive zip, string name, string hash, DataFolder folder, string file)
    {
        // Names are compared with what a backup may hold: one made by somebody else must not write outside the folder.
        if (!Allowed().IsMatch(name)) throw new InvalidDataException($"{name} is no part of a backup");
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"it has no {name}");
        var path = Path.Combine(folder.FullPath, name);
        OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var from = await entry.OpenAsync())
        await using (var to = OwnerOnly.Create(path))
        {
            await from.CopyToAsync(to);
            to.Flush(flushToDisk: true);
        }
        if (HashOf(path) != hash) throw new InvalidDataException($"{name} is damaged");
    }

    private static void CheckDatabase(DataFolder folder)
    {
        using var database = new SqliteConnection(Unpooled(folder.DatabasePath));
        database.Open();
        using var check = database.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok") throw new InvalidDataException("hallops.db is damaged");
    }

    private static async Task CheckJournalAsync(DataFolder folder)
    {
        await using var lines = new StringWriter();
        await using var journal = JournalContents.OfFolder(folder.FullPath);
        if (!await JournalCheck.RunAsync(journal, lines)) throw new InvalidDataException($"its journal is damaged: {lines.ToString().ReplaceLineEndings("; ")}");
    }

    private static void Clear(DataFolder folder)
    {
        SqliteConnection.ClearAllPools();
        foreach (var path in Directory.EnumerateFiles(folder.FullPath)) if (!MayStay(Path.GetFileName(path))) File.Delete(path);
        foreach (var path in (string[])[folder.KeysPath, folder.ArchivePath]) if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    private static void CopyDatabase(string from, string to)
    {
        using var source = new SqliteConnection(Unpooled(from));
        source.Open();
        using var target = new SqliteConnection(Unpooled(to));
        target.Open();
        source.BackupDatabase(target);
    }

    private static string Unpooled(string path) => new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    [GeneratedRegex(@"^(hallops\.db|postgresql\.txt|journal\.db|clock\.json|holidays\.json|archive/before-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{8}\.archive|keys/[a-z-]{1,32}\.key|keys/data-protection/[a-z0-9-]{1,80}\.xml)$")]
    private static partial Regex Allowed();
}

/// <summary>What a restore did.</summary>
/// <param name="MadeAt">When the backup was made.</param>
/// <param name="ListAtHand">There was a list of erasures besides the backup's own.</param>
/// <param name="ErasedAgain">How many people the backup still had who were erased.</param>
internal sealed record Restored(DateTimeOffset MadeAt, bool ListAtHand, int ErasedAgain);
