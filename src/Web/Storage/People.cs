using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;
using HallOps.Web.Audit;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Storage;

/// <summary>
/// <see cref="IPeople"/> in SQL. A datum is found by HMAC-SHA-256 and kept under AES-256-GCM bound to its person, each with a key of its own derived (HKDF,
/// RFC 5869) from the people key.
/// </summary>
public sealed class People(IDbContextFactory<HallOpsDb> databases, Keys keys, ErasedList erased, AuditLog audit, TimeProvider time) : IPeople
{
    /// <summary>How long a person is kept after the last visit: as long as a slip for what was missing is worth something, and a complaint is usual.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _hashKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.People, 32, info: "hallops people hash"u8.ToArray());
    private readonly byte[] _valueKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.People, 32, info: "hallops people value"u8.ToArray());

    public async ValueTask<PersonId> ExchangeAsync(string kind, string value, CancellationToken cancel)
    {
        var datum = DatumOf(kind, value);
        // A whole day, so that a second visit on one day writes nothing.
        var deleteAfter = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date + KeptFor, TimeSpan.Zero);
        var hash = HMACSHA256.HashData(_hashKey, datum);
        await using var database = await databases.CreateDbContextAsync(cancel);
        await database.Database.OpenConnectionAsync(cancel);
        var connection = database.Database.GetDbConnection();

        // Most visitors of a day are known from their last number: found without a write.
        var known = Command(connection, "SELECT person FROM people WHERE key_hash = @hash AND delete_after >= @after", ("@hash", hash), ("@after", deleteAfter.ToUnixTimeMilliseconds()));
        await using (known)
            if (await known.ExecuteScalarAsync(cancel) is string there) return Parse(there);

        var person = new PersonId(BinaryPrimitives.ReadUInt128LittleEndian(RandomNumberGenerator.GetBytes(16)));
        // One statement, so that two kiosks at the same moment get the same person.
        var exchange = Command(connection,
            """
            INSERT INTO people (person, key_hash, value, delete_after) VALUES (@person, @hash, @value, @after)
            ON CONFLICT (key_hash) DO UPDATE SET delete_after = CASE WHEN people.delete_after < excluded.delete_after THEN excluded.delete_after ELSE people.delete_after END
            RETURNING person
            """,
            ("@person", person.ToString()), ("@hash", hash), ("@value", Encrypt(person, datum)), ("@after", deleteAfter.ToUnixTimeMilliseconds()));
        await using (exchange)
            return Parse((string)(await exchange.ExecuteScalarAsync(cancel))!);
    }

    public async ValueTask<KnownPerson?> FindAsync(string kind, string value, CancellationToken cancel)
    {
        var hash = HMACSHA256.HashData(_hashKey, DatumOf(kind, value));
        await using var database = await databases.CreateDbContextAsync(cancel);
        return await database.People.Where(p => p.KeyHash == hash).Select(p => new { p.Person, p.DeleteAfter }).SingleOrDefaultAsync(cancel) is { } row ? new KnownPerson(Parse(row.Person), row.DeleteAfter) : null;
    }

    public async ValueTask ExportedAsync(PersonId person, string who, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await database.BeginWriteAsync(cancel);
        await audit.AddAsync(database, new AuditEntry(who, AuditWords.PersonExported, person.ToString()), cancel);
        await transaction.CommitAsync(cancel);
    }

    public async ValueTask<string?> RevealAsync(PersonId person, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var id = person.ToString();
        var value = await database.People.Where(p => p.Person == id).Select(p => p.Value).SingleOrDefaultAsync(cancel);
        if (value is null) return null;
        var datum = new byte[value.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(_valueKey, TagLength);
        cipher.Decrypt(value.AsSpan(0, NonceLength), value.AsSpan(NonceLength + TagLength), value.AsSpan(NonceLength, TagLength), datum, Encoding.ASCII.GetBytes(id));
        var text = Encoding.UTF8.GetString(datum);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    public async ValueTask<bool> EraseAsync(PersonId person, string who, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var id = person.ToString();
        if (!await database.People.AnyAsync(p => p.Person == id, cancel)) return false;
        // The list first: a process that ends in between erases the row at its next start.
        await erased.AddAsync(person, cancel);
        await using var transaction = await database.BeginWriteAsync(CancellationToken.None);
        await database.People.Where(p => p.Person == id).ExecuteDeleteAsync(CancellationToken.None);
        await audit.AddAsync(database, new AuditEntry(who, AuditWords.PersonErased, id), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    public async ValueTask<int> EraseDueAsync(CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var now = time.GetUtcNow();
        if (!await database.People.AnyAsync(p => p.DeleteAfter < now, cancel)) return 0;
        await using var transaction = await database.BeginWriteAsync(cancel);
        var forgotten = await database.People.Where(p => p.DeleteAfter < now).ExecuteDeleteAsync(cancel);
        // Another process was faster.
        if (forgotten == 0) return 0;
        await audit.AddAsync(database, new AuditEntry("system", AuditWords.PeopleForgotten, null, Detail: FormattableString.Invariant($"{forgotten} people, their retention ended")), cancel);
        await transaction.CommitAsync(cancel);
        return forgotten;
    }

    private byte[] Encrypt(PersonId person, byte[] datum)
    {
        var value = new byte[NonceLength + TagLength + datum.Length];
        RandomNumberGenerator.Fill(value.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(_valueKey, TagLength);
        cipher.Encrypt(value.AsSpan(0, NonceLength), datum, value.AsSpan(NonceLength + TagLength), value.AsSpan(NonceLength, TagLength), Encoding.ASCII.GetBytes(person.ToString()));
        return value;
    }

    private static byte[] DatumOf(string kind, string value) => Encoding.UTF8.GetBytes($"{kind}:{Normal(value)}");

    private static string Normal(string value) =>
        string.Concat(value.Where(c => !char.IsWhiteSpace(c) && c != '-')).ToUpperInvariant();

    private static PersonId Parse(string hex) => new(UInt128.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
