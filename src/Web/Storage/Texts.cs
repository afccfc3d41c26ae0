using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary><see cref="ITexts"/> in SQL, with the texts of late in memory, since screens ask for them on every change.</summary>
public sealed class Texts(IDbContextFactory<HallOpsDb> databases, TimeProvider time) : ITexts
{
    // Reasons repeat and comments are read once: some hundred distinct texts a hall and day, a few MiB at the most.
    private const int InMemory = 20_000;

    private readonly ConcurrentDictionary<TextHash, string> _words = new();

    /// <summary>Fills memory with the latest texts.</summary>
    public async Task LoadAsync(CancellationToken cancel = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var latest = await database.Texts.AsNoTracking().OrderByDescending(t => t.At).Take(InMemory / 2).Select(t => t.Text).ToListAsync(cancel);
        foreach (var text in latest) _words[HashOf(text)] = text;
    }

    public async ValueTask<TextHash> KeepAsync(string text, CancellationToken cancel)
    {
        var hash = HashOf(text);
        if (_words.ContainsKey(hash)) return hash;
        await using var database = await databases.CreateDbContextAsync(cancel);
        var (id, at) = (hash.ToString(), time.GetUtcNow().ToUnixTimeMilliseconds());
        await database.Database.ExecuteSqlAsync($"INSERT INTO texts (hash, text, at) VALUES ({id}, {text}, {at}) ON CONFLICT (hash) DO NOTHING", cancel);
        Remember(hash, text);
        return hash;
    }

    public string? Find(TextHash hash)
    {
        if (_words.TryGetValue(hash, out var words)) return words;
        using var database = databases.CreateDbContext();
        var id = hash.ToString();
        if (database.Texts.AsNoTracking().Where(t => t.Hash == id).Select(t => t.Text).SingleOrDefault() is not { } text) return null;
        Remember(hash, text);
        return text;
    }

    private void Remember(TextHash hash, string text)
    {
        // Starting over costs a few reads of SQL; keeping an order of use would cost every look-up.
        if (_words.Count >= InMemory) _words.Clear();
        _words[hash] = text;
    }

    /// <summary>The first 16 bytes of the SHA-256 of the UTF-8, little endian.</summary>
    public static TextHash HashOf(string text) => new(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
}
