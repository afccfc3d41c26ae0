using System.Text.Json;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static HallOps.Web.Tests.Cli.CommandRun;

namespace HallOps.Web.Tests.Cli;

/// <summary><c>person export</c> and <c>person erase</c>: one who asks is told all that is kept, or forgotten; beside a server, and on a folder alone.</summary>
public sealed class PersonCommandTests : IDisposable
{
    private const string Phone = "13800000000";
    private const string IdNumber = "11010519491231002X";

    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("hallops-person-").FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder.FullPath, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhoIsKnown_IsToldAllThatIsKept_AndForgotten(bool served)
    {
        var server = await RunningServer.StartAsync(_folder);
        await server.SetUpAsync();
        await server.AddHallAsync("h", RunningServer.Document("h").Replace("\"kind\": \"immediate\"", "\"kind\": \"immediate\", \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4, \"earlyMinutes\": 1440}", StringComparison.Ordinal));
        var slot = await VisitAsync(server);
        if (!served) await server.DisposeAsync();

        var (exit, output, error) = await ProcessAsync("138 0000-0000\n", "person", "export", "phone", "--data", _folder.FullPath);

        Assert.Equal((0, ""), (exit, error));
        var told = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["kind", "value", "keptUntil", "visits", "appointments", "missing"], told.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("phone", Phone, JsonValueKind.Null), (told.GetProperty("kind").GetString(), told.GetProperty("value").GetString(), told.GetProperty("missing").ValueKind));
        Assert.InRange(told.GetProperty("keptUntil").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromDays(29), TimeSpan.FromDays(31));
        var visit = Assert.Single(told.GetProperty("visits").EnumerateArray());
        Assert.Equal(("h", "A001", "s", "normal"), (visit.GetProperty("hall").GetString(), visit.GetProperty("number").GetString(), visit.GetProperty("service").GetString(), visit.GetProperty("class").GetString()));
        var rating = Assert.Single(visit.GetProperty("ratings").EnumerateArray());
        Assert.Equal(("dissatisfied", "态度", "等了很久"), (rating.GetProperty("grade").GetString(), Assert.Single(rating.GetProperty("tags").EnumerateArray()).GetString(), rating.GetProperty("comment").GetString()));
        Assert.Contains("等了很久", output, StringComparison.Ordinal);
        Assert.Equal(slot, Assert.Single(told.GetProperty("appointments").EnumerateArray()).GetProperty("slot").GetDateTimeOffset());
        Assert.DoesNotContain(IdNumber, output, StringComparison.Ordinal);

        Assert.Equal((0, $"{_folder.FullPath}: erased; the visits stay, and are nobody's\n", ""), await ProcessAsync($"{Phone}\n", "person", "erase", "phone", "--data", _folder.FullPath));
        Assert.Equal((1, "", "hallops: Nobody is known by that number: never named, erased, or forgotten 30 days after the last visit.\n"), await ProcessAsync($"{Phone}\n", "person", served ? "export" : "erase", "phone", "--data", _folder.FullPath));
        // Nobody else is forgotten with them.
        if (served) Assert.Equal("A002", JsonDocument.Parse((await ProcessAsync(IdNumber, "person", "export", "id", "--data", _folder.FullPath)).Output).RootElement.GetProperty("visits")[0].GetProperty("number").GetString());

        if (!served) server = await RunningServer.StartAsync(_folder);
        await using var database = await server.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        var audited = (await database.Audit.AsNoTracking().OrderBy(r => r.Number).ToListAsync(Cancel)).Where(r => r.What.StartsWith("person", StringComparison.Ordinal)).ToList();
        Assert.Equal(["local personExported", "local personErased", .. served ? ["local personExported"] : Array.Empty<string>()], audited.Select(r => $"{r.Who} {r.What}"));
        Assert.Equal(audited[0].Of, audited[1].Of);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task WrongNumber_IsOneSentence_ServedOrNot()
    {
        await using (var server = await RunningServer.StartAsync(_folder))
        {
            Assert.Equal((1, "", "hallops: That is no telephone number: 5 to 15 digits.\n"), await ProcessAsync("", "person", "export", "phone", "--data", _folder.FullPath));
            var data = server.App.Services.GetRequiredService<PersonalData>();
            foreach (var (kind, number, sentence) in new[]
            {
                ("phone", "hello", "That is no telephone number: 5 to 15 digits."), ("id", "110105194912310021", "That is no ID number: 18 characters, the last one their check digit."),
                ("name", "王五", "A person is known by id or phone, not by name."),
            })
            {
                Assert.Equal(sentence, (await Assert.ThrowsAsync<PersonalDataException>(() => data.ExportAsync(kind, number, Cancel))).Message);
                Assert.Equal(sentence, (await Assert.ThrowsAsync<PersonalDataException>(() => data.EraseAsync(kind, number, Cancel))).Message);
            }
        }
        Assert.Equal((1, "", "hallops: That is no ID number: 18 characters, the last one their check digit.\n"), await ProcessAsync("110105194912310021\n", "person", "erase", "id", "--data", _folder.FullPath));
    }

    [Fact]
    public async Task FolderWithoutData_KnowsNobody()
    {
        var nowhere = Path.Combine(_folder.FullPath, "nowhere");
        Assert.Equal((1, "", $"hallops: Nobody is known in {nowhere}: it has no data.\n"), await ProcessAsync(Phone, "person", "export", "phone", "--data", nowhere));
        Assert.False(Directory.Exists(nowhere));
    }

    // A number by telephone, served and rated; another's by ID number; an appointment by telephone.
    private static async Task<DateTimeOffset> VisitAsync(RunningServer server)
    {
        using var visitor = server.Client();
        using var admin = await server.SignInAsync();
        var token = (await admin.PostAsync("halls/h/tickets", $$"""{"service":"s","phone":"{{Phone}}"}""", Guid.NewGuid().ToString()).JsonAsync(201)).GetProperty("token").GetString();
        await admin.PostAsync("halls/h/tickets", $$"""{"service":"s","idNumber":"{{IdNumber}}"}""", Guid.NewGuid().ToString()).JsonAsync(201);
        await admin.PostAsync("halls/h/windows/1/open", "{}").JsonAsync();
        await admin.PostAsync("halls/h/windows/1/call-next", "{}").JsonAsync();
        await admin.PostAsync("halls/h/windows/1/start", "{}").JsonAsync();
        await admin.PostAsync("halls/h/windows/1/finish", """{"outcome":"done"}""").JsonAsync();
        await visitor.PostAsync($"tickets/{token}/rating", """{"grade":"dissatisfied","tags":["态度"],"comment":"等了很久"}""", Guid.NewGuid().ToString()).JsonAsync(201);
        var slots = await visitor.GetAsync("halls/h/slots?service=s", Cancel).JsonAsync();
        if (slots.GetArrayLength() == 0) slots = await visitor.GetAsync(FormattableString.Invariant($"halls/h/slots?service=s&date={DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(8)).AddDays(1):yyyy-MM-dd}"), Cancel).JsonAsync();
        var slot = slots[0].GetProperty("slot").GetDateTimeOffset();
        await admin.PostAsync("halls/h/appointments", JsonSerializer.Serialize(new { service = "s", slot, phone = Phone, name = "王五" }), Guid.NewGuid().ToString()).JsonAsync(201);
        return slot;
    }
}
