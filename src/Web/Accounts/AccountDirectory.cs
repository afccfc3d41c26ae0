using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <summary>
/// Every account in memory, so that a request is signed in without SQL and a token stops with the write that ends it: whoever changes an account reads it
/// in again before answering, and other processes of the deployment do when they hear of it. Safe from any thread.
/// </summary>
public sealed class AccountDirectory(IDbContextFactory<HallOpsDb> databases, HallRegions regions, Settings settings) : IHearsNews, IDisposable
{
    /// <param name="Stamp">16 bytes of SHA-256 of Identity's security stamp: changes with password, roles and state.</param>
    /// <param name="MustEnrol">May do nothing but enrol a second factor.</param>
    public sealed record Entry(UInt128 Stamp, Caller Caller, bool MustEnrol);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private readonly SemaphoreSlim _reading = new(1, 1);

    public bool IsEmpty => _entries.IsEmpty;

    /// <summary>The enabled account of an id; null for any other.</summary>
    public Entry? Find(string id) => _entries.GetValueOrDefault(id);

    string IHearsNews.Of => News.Account;

    public async Task LoadAsync(CancellationToken cancel = default)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancel);
            var accounts = await Whole(database).ToListAsync(cancel);
            foreach (var account in accounts) Take(account);
            foreach (var gone in _entries.Keys.Except(accounts.Select(a => a.Id))) Put(gone, null);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads one account again after a write to it.</summary>
    public async Task ReloadAsync(string id, CancellationToken cancel = default)
    {
        // One at a time: of two writes the later one's state is read last.
        await _reading.WaitAsync(cancel);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancel);
            if (await Whole(database).SingleOrDefaultAsync(a => a.Id == id, cancel) is { } account) Take(account);
            else Put(id, null);
        }
        finally
        {
            _reading.Release();
        }
    }

    Task IHearsNews.HearAsync(string which, CancellationToken cancel) => ReloadAsync(which, cancel);

    Task IHearsNews.ReadAnewAsync(CancellationToken cancel) => LoadAsync(cancel);

    public void Dispose() => _reading.Dispose();

    /// <summary>Accounts with their roles and staff, for reading.</summary>
    public static IQueryable<Account> Whole(HallOpsDb database) => database.Users.AsNoTracking().Include(a => a.Roles).Include(a => a.Staff).AsSplitQuery();

    public static UInt128 StampOf(string? securityStamp) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(securityStamp ?? "")));

    public IReadOnlyList<RoleGrant> GrantsOf(Account account) =>
        [.. account.Roles.Select(r => new RoleGrant(
            Enum.Parse<Role>(r.Role, ignoreCase: true),
            r.Halls is null ? null : JsonSerializer.Deserialize<string[]>(r.Halls)!.Select(h => new HallId(h)).ToFrozenSet(),
            r.Regions is null ? null : new RegionScope([.. JsonSerializer.Deserialize<string[]>(r.Regions)!.Select(p => new RegionPath(p))], regions)))];

    private void Take(Account account)
    {
        if (account.Disabled)
        {
            Put(account.Id, null);
            return;
        }
        var caller = new Caller(account.UserName!, GrantsOf(account), account.Staff.ToFrozenDictionary(s => new HallId(s.Hall), s => new StaffId(s.Staff)));
        var mustEnrol = settings.TotpRequired && !account.TwoFactorEnabled && caller.Grants.Any(g => g.Role is Role.Admin or Role.Manager);
        Put(account.Id, new Entry(StampOf(account.SecurityStamp), caller, mustEnrol));
    }

    // Whoever holds the former caller, as an open connection does, holds somebody without rights.
    private void Put(string id, Entry? entry)
    {
        // Read again for nothing: every change is another stamp.
        if (_entries.TryGetValue(id, out var before) && before.Stamp == entry?.Stamp && before.MustEnrol == entry.MustEnrol) return;
        if (entry is null) _entries.TryRemove(id, out _);
        else _entries[id] = entry;
        before?.Caller.End();
    }
}
