using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Storage;

public sealed class StorageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Schema_MadeByTheMigrations_HasWhatTheModelSays(SqlKind kind)
    {
        await using var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        await using var database = await server.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(Cancel);

        foreach (var entity in database.Model.GetEntityTypes())
        {
            var table = entity.GetTableName()!;
            var expected = entity.GetProperties().Select(p => $"{p.GetColumnName()} {p.GetColumnType()} {(p.IsColumnNullable() ? "null" : "not null")}{(p.IsPrimaryKey() ? " key" : "")}").Order().ToList();
            await using var columns = connection.CreateCommand();
            columns.CommandText = kind == SqlKind.Postgres
                ? $"""
                SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END || CASE WHEN i.indrelid IS NULL THEN '' ELSE ' key' END
                FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)
                WHERE a.attrelid = to_regclass('{table}') AND a.attnum > 0 AND NOT a.attisdropped
                """
                : $"SELECT name || ' ' || type || CASE WHEN \"notnull\" THEN ' not null' ELSE ' null' END || CASE WHEN pk > 0 THEN ' key' ELSE '' END FROM pragma_table_info('{table}')";
            var actual = new List<string>();
            await using var rows = await columns.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel)) actual.Add(rows.GetString(0));
            Assert.Equal(expected, actual.Order());
        }
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Person_ExchangedFromManySidesAtOnce_IsOnePerson_AndNeverInClear(SqlKind kind)
    {
        await using var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        var people = server.App.Services.GetRequiredService<IPeople>();
        const string id = "11010519491231002X";

        var persons = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () => await people.ExchangeAsync("id", i % 2 == 0 ? id : "110105 19491231 002x", Cancel))));
        var phone = await people.ExchangeAsync("phone", id, Cancel);

        var person = Assert.Single(persons.Distinct());
        Assert.NotEqual(person, phone);
        Assert.Equal(id, await people.RevealAsync(person, Cancel));
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(server.Folder.FullPath, "hallops.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Cancel);
            Assert.False(bytes.AsSpan().IndexOf("11010519491231002X"u8) >= 0, $"{Path.GetFileName(file)} holds the ID number in clear.");
        }
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Person_ThirtyDaysAfterTheLastVisit_IsForgotten_AndThenAnotherOne(SqlKind kind)
    {
        await using var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        var people = server.App.Services.GetRequiredService<IPeople>();
        var first = await people.ExchangeAsync("phone", "13800000000", Cancel);

        server.Time.Forward(TimeSpan.FromDays(20));
        Assert.Equal(first, await people.ExchangeAsync("phone", "13800000000", Cancel));
        server.Time.Forward(TimeSpan.FromDays(20));
        Assert.Equal(0, await people.EraseDueAsync(Cancel));
        server.Time.Forward(TimeSpan.FromDays(11));
        Assert.Equal(1, await people.EraseDueAsync(Cancel));

        Assert.Null(await people.RevealAsync(first, Cancel));
        Assert.NotEqual(first, await people.ExchangeAsync("phone", "13800000000", Cancel));
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Text_Kept_IsFoundByItsHash_AfterARestartToo(SqlKind kind)
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-texts-").FullName);
        var postgres = await PostgresRun.DatabaseAsync(kind);
        try
        {
            Core.Halls.TextHash hash;
            await using (var server = await RunningServer.StartAsync(folder, postgres: postgres)) hash = await server.App.Services.GetRequiredService<ITexts>().KeepAsync("业务系统故障", Cancel);
            await using var again = await RunningServer.StartAsync(folder, postgres: postgres);
            Assert.Equal("业务系统故障", again.App.Services.GetRequiredService<ITexts>().Find(hash));
            Assert.Null(again.App.Services.GetRequiredService<ITexts>().Find(default));
        }
        finally
        {
            Directory.Delete(folder.FullPath, recursive: true);
        }
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Secrets_InTheDataFolder_AreTheOwnersAlone()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var files = Directory.GetFiles(server.Folder.KeysPath, "*", SearchOption.AllDirectories).Append(server.Folder.ServerPath).Append(server.Folder.DatabasePath).ToList();
        Assert.Contains(files, f => f.EndsWith(".xml", StringComparison.Ordinal));
        Assert.All(files, f => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(f) & others));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(server.Folder.KeysPath));
    }
}
