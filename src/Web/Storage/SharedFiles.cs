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
                // Each machine may have erased whom the other has not heard of.
                if (path == Folder.ErasedPath) body = Erasures.Parse(body, $"the list of erasures in {place.Name}").With(Erasures.Parse(own, path)).ToBytes();
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
            if (!there.TryGetValue(NameOf(path), out var body) || !body.AsSpan().SequenceEqual(own)) await GiveAsync(database, path, cancel);
        }
    }

    /// <summary>Puts a file of the folder there, as it is now; durable before it returns.</summary>
    public async Task GiveAsync(string path, CancellationToken cancel)
    {
        if (secret is null) return;
        await using var database = Open();
        await GiveAsync(database, path, cancel);
    }

    private async Task GiveAsync(HallOpsDb database, string path, CancellationToken cancel)
    {
        var (name, body) = (NameOf(path), Encrypt(NameOf(path), await File.ReadAllBytesAsync(path, cancel)));
        await database.Database.ExecuteSqlAsync($"INSERT INTO shared_files (name, body) VALUES ({name}, {body}) ON CONFLICT (name) DO UPDATE SET body = excluded.body", cancel);
    }

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
