using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>
/// What stands in files of the data folder and must be the same on every machine of a deployment: keys, replaced holidays, erasures. With <c>HallOps:KeySecret</c> they are in PostgreSQL too,
/// encrypted under it, and a machine that takes over begins with what is there. Without it nothing is shared, and all methods do nothing. Safe from any thread.
/// </summary>
public sealed class SharedFiles(SqlPlace place, string? secret)
{
    // As OWASP advises for PBKDF2 with SHA-256.
    private const int Rounds = 600_000;
    private const int SaltLength = 16, NonceLength = 12, TagLength = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _keys = [];

    public bool AreShared => secret is not null;

    private DataFolder Folder => place.Folder;

    /// <summary>Whether this machine could take over: it reads what is there, and changes nothing but its own folder.</summary>
    /// <exception cref="StartRefusedException">It could not.</exception>
    public async Task RehearseAsync(CancellationToken cancel)
    {
        await using var database = Open();
        try
        {
            await TakeAsync(database, cancel);
        }
        catch (Exception e) when (DatabaseFaults.Of(e) is { } fault)
        {
            throw new StartRefusedException($"{PostgresSetting.Name}: {Schema.Words(fault, place)}", e);
        }
    }

    /// <summary>Brings what is there into the folder, before anything in it is read.</summary>
    /// <exception cref="StartRefusedException">The secret is another one, or the folder has keys of its own.</exception>
    public async Task TakeAsync(HallOpsDb database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (secret is null) return;
        foreach (var row in await RowsAsync(database, cancel))
        {
            var (path, body) = (Path.Combine(Folder.FullPath, row.Name), Decrypt(row));
            if (File.Exists(path))
            {
                var own = await File.ReadAllBytesAsync(path, cancel);
                if (own.AsSpan().SequenceEqual(body)) continue;
                if (Path.GetDirectoryName(path) == Folder.KeysPath)
                    throw new StartRefusedException($"The keys in {Folder.KeysPath} are not those in {place.Name}: a machine that joins a deployment begins with an empty folder; choose another with --data.");
                if (path == Folder.ErasedPath) body = WithErasuresThere(own, body);
            }
            OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
            OwnerOnly.Write(path, body);
        }
    }

    /// <summary>Puts there what only the folder has: the first start of a deployment, and the first with the setting.</summary>
    public async Task GiveAllAsync(HallOpsDb database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (secret is null) return;
        var there = (await RowsAsync(database, cancel)).ToDictionary(r => r.Name, Decrypt);
        foreach (var path in Paths())
        {
            var own = await File.ReadAllBytesAsync(path, cancel);
            // What is there and another one has come since it was taken: another server's, and newer.
            if (!there.TryGetValue(NameOf(path), out var body) || (path == Folder.ErasedPath && !body.AsSpan().SequenceEqual(own))) await GiveAsync(database, path, own, cancel);
        }
    }

    /// <summary>Puts a file of the folder there, as it is now; durable before it returns. The list of erasures joins the one there.</summary>
    public async Task GiveAsync(string path, CancellationToken cancel)
    {
        if (secret is null) return;
        await using var database = Open();
        await GiveAsync(database, path, await File.ReadAllBytesAsync(path, cancel), cancel);
    }

    /// <summary>Puts there what a file of the folder is to be, in the context's transaction where it has one. False where nothing is shared.</summary>
    public async Task<bool> GiveAsync(HallOpsDb database, string path, byte[] own, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (secret is null) return false;
        await using var transaction = database.Database.CurrentTransaction is null ? await database.Database.BeginTransactionAsync(cancel) : null;
        // Nobody else's comes between the reading and the writing.
        await database.Database.ExecuteSqlRawAsync("LOCK TABLE shared_files IN EXCLUSIVE MODE", cancel);
        if (path == Folder.ErasedPath && await FindAsync(database, path, cancel) is { } there) own = WithErasuresThere(own, there);
        var (name, body) = (NameOf(path), Encrypt(NameOf(path), own));
        await database.Database.ExecuteSqlAsync($"INSERT INTO shared_files (name, body) VALUES ({name}, {body}) ON CONFLICT (name) DO UPDATE SET body = excluded.body", cancel);
        if (transaction is not null) await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>What a file of the folder is there; null where it is not there, or nothing is shared.</summary>
    public async Task<byte[]?> FindAsync(HallOpsDb database, string path, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (secret is null) return null;
        var name = NameOf(path);
        return await database.Database.SqlQuery<SharedRow>($"SELECT name AS \"Name\", body AS \"Body\" FROM shared_files WHERE name = {name}").SingleOrDefaultAsync(cancel) is { } row ? Decrypt(row) : null;
    }

    /// <summary>Brings those files of a folder in the folder that are there and not here.</summary>
    public async Task TakeMissingAsync(string folder, CancellationToken cancel)
    {
        if (secret is null) return;
        // The first key that is looked for may be looked for before anything else of this machine's folder is there.
        OwnerOnly.CreateDirectory(folder);
        await using var database = Open();
        foreach (var row in await RowsAsync(database, cancel))
            if (Path.Combine(Folder.FullPath, row.Name) is var path && Path.GetDirectoryName(path) == folder && !File.Exists(path)) OwnerOnly.Write(path, Decrypt(row));
    }

    // Each machine may have erased whom the other has not heard of.
    private byte[] WithErasuresThere(byte[] own, byte[] there) => Erasures.Parse(there, $"the list of erasures in {place.Name}").With(Erasures.Parse(own, Folder.ErasedPath)).ToBytes();

    private HallOpsDb Open()
    {
        var options = new DbContextOptionsBuilder<HallOpsDb>();
        place.Configure(options);
        return new HallOpsDb(options.Options);
    }

    private IEnumerable<string> Paths()
    {
        if (Directory.Exists(Folder.KeysPath))
            foreach (var path in Directory.EnumerateFiles(Folder.KeysPath, "*", SearchOption.AllDirectories).Where(p => Path.GetExtension(p) is ".key" or ".xml")) yield return path;
        if (File.Exists(Folder.HolidaysPath)) yield return Folder.HolidaysPath;
        if (File.Exists(Folder.ErasedPath)) yield return Folder.ErasedPath;
    }

    private string NameOf(string path) => Path.GetRelativePath(Folder.FullPath, path).Replace('\\', '/');

    private static async Task<List<SharedRow>> RowsAsync(HallOpsDb database, CancellationToken cancel) =>
        await database.Database.SqlQuery<SharedRow>($"SELECT name AS \"Name\", body AS \"Body\" FROM shared_files ORDER BY name").ToListAsync(cancel);

    /// <returns>Salt, nonce, tag and what is encrypted, in base 64.</returns>
    private string Encrypt(string name, byte[] plain)
    {
        string salt;
        lock (_gate) salt = _keys.Keys.FirstOrDefault() ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(SaltLength));
        using var cipher = new AesGcm(KeyOf(salt), TagLength);
        var body = new byte[SaltLength + NonceLength + TagLength + plain.Length];
        Convert.FromHexString(salt).CopyTo(body, 0);
        RandomNumberGenerator.Fill(body.AsSpan(SaltLength, NonceLength));
        cipher.Encrypt(body.AsSpan(SaltLength, NonceLength), plain, body.AsSpan(SaltLength + NonceLength + TagLength), body.AsSpan(SaltLength + NonceLength, TagLength), Encoding.UTF8.GetBytes(name));
        return Convert.ToBase64String(body);
    }

    private byte[] Decrypt(SharedRow row)
    {
        try
        {
            var body = Convert.FromBase64String(row.Body);
            using var cipher = new AesGcm(KeyOf(Convert.ToHexString(body.AsSpan(0, SaltLength))), TagLength);
            var plain = new byte[body.Length - SaltLength - NonceLength - TagLength];
            cipher.Decrypt(body.AsSpan(SaltLength, NonceLength), body.AsSpan(SaltLength + NonceLength + TagLength), body.AsSpan(SaltLength + NonceLength, TagLength), plain, Encoding.UTF8.GetBytes(row.Name));
            return plain;
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or OverflowException)
        {
            throw new StartRefusedException($"HallOps:KeySecret does not open {row.Name} in {place.Name}: it is not the one that the other machines have.", e);
        }
    }

    private byte[] KeyOf(string salt)
    {
        lock (_gate)
        {
            if (!_keys.TryGetValue(salt, out var key)) _keys.Add(salt, key = Rfc2898DeriveBytes.Pbkdf2(secret!, Convert.FromHexString(salt), Rounds, HashAlgorithmName.SHA256, 32));
            return key;
        }
    }

    private sealed record SharedRow(string Name, string Body);
}
