using System.Text.Json;
using HallOps.Web.Tests.Door;

namespace HallOps.Web.Tests.Tickets;

/// <summary>A visit over HTTP, as visitors, kiosks, clerks and pads have it.</summary>
public sealed class VisitTests
{
    private const string Tickets = "/api/v1/halls/h/tickets";
    private const string Window = "/api/v1/halls/h/windows/1";

    [Fact]
    public async Task Visit_FromNumberToRating()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var clerk = host.As("clerk@h");

        var issued = await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        var token = issued.GetProperty("token").GetString();
        Assert.Equal("A001", issued.GetProperty("number").GetString());
        Assert.Equal("waiting", issued.GetProperty("state").GetString());
        Assert.Equal(0, issued.GetProperty("ahead").GetInt32());
        Assert.Equal(JsonValueKind.Null, issued.GetProperty("estimate").ValueKind);
        Assert.Equal($"/t#{token}", issued.GetProperty("url").GetString());
        Assert.Equal(TimeSpan.FromHours(8), issued.GetProperty("issuedAt").GetDateTimeOffset().Offset);

        var opened = await clerk.PostAsync($"{Window}/open").JsonAsync();
        Assert.Equal(("idle", "w01"), (opened.GetProperty("state").GetString(), opened.GetProperty("staff").GetString()));
        var view = await visitor.GetAsync(new Uri($"/api/v1/tickets/{token}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal(300, view.GetProperty("estimate").GetProperty("medianSeconds").GetInt32());

        var called = await clerk.PostAsync($"{Window}/call-next").JsonAsync();
        Assert.Equal(["id", "number", "line", "service", "class", "state", "since", "calledAt", "times", "reason", "overtook", "firstOvertaken", "outcome"], called.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("called", "FirstCome", "normal"), (called.GetProperty("state").GetString(), called.GetProperty("reason").GetString(), called.GetProperty("class").GetString()));
        Assert.Equal(2, (await clerk.PostAsync($"{Window}/recall").JsonAsync()).GetProperty("times").GetInt32());
        Assert.Equal("serving", (await clerk.PostAsync($"{Window}/start").JsonAsync()).GetProperty("state").GetString());
        await visitor.PostAsync($"/api/v1/tickets/{token}/rating", """{"grade":"satisfied"}""").ProblemAsync(409, "NotFinished");
        await visitor.PostAsync($"/api/v1/tickets/{token}/cancel").ProblemAsync(409, "WrongState");
        var finished = await clerk.PostAsync($"{Window}/finish", """{"outcome":"toldOnce","missing":"户口簿","items":2}""").JsonAsync();
        Assert.Equal(("finished", "toldOnce"), (finished.GetProperty("state").GetString(), finished.GetProperty("outcome").GetString()));

        using (var anyAccount = host.As("clerk@h"))
            await anyAccount.PostAsync($"/api/v1/tickets/{token}/rating", """{"grade":"satisfied"}""").ProblemAsync(403, "NotAllowed");
        var rated = await visitor.PostAsync($"/api/v1/tickets/{token}/rating", """{"grade":"verySatisfied","tags":["态度好"],"comment":"谢谢"}""").JsonAsync(201);
        Assert.Equal("verySatisfied", rated.GetProperty("grade").GetString());
        await visitor.PostAsync($"/api/v1/tickets/{token}/rating", """{"grade":"satisfied"}""").ProblemAsync(409, "AlreadyRated");

        using var nobody = await clerk.PostAsync($"{Window}/call-next");
        Assert.Equal(204, (int)nobody.StatusCode);
        var next = await clerk.PostAsync($"{Window}/next").JsonAsync();
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (next.GetProperty("finished").ValueKind, next.GetProperty("called").ValueKind));
    }

    [Fact]
    public async Task Next_FinishesAndCalls_AsOne()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var clerk = host.As("clerk@h");
        await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await kiosk.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        var first = await clerk.PostAsync($"{Window}/next").JsonAsync();
        Assert.Equal("A001", first.GetProperty("called").GetProperty("number").GetString());
        await clerk.PostAsync($"{Window}/next").ProblemAsync(409, "NotStarted");
        var second = await clerk.PostAsync($"{Window}/next", """{"outcome":"advice"}""").JsonAsync();
        Assert.Equal(("A001", "advice"), (second.GetProperty("finished").GetProperty("number").GetString(), second.GetProperty("finished").GetProperty("outcome").GetString()));
        Assert.Equal("A002", second.GetProperty("called").GetProperty("number").GetString());
    }

    [Fact]
    public async Task Visitor_SentToCopyAndToPay_ComesBackToTheSameWindow()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var clerk = host.As("clerk@h");
        var token = (await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString();
        await clerk.PostAsync($"{Window}/open").JsonAsync();
        await clerk.PostAsync($"{Window}/next").JsonAsync();
        Assert.Equal("serving", (await clerk.PostAsync($"{Window}/stage", """{"stage":"receipt"}""").JsonAsync()).GetProperty("state").GetString());
        await clerk.PostAsync($"{Window}/stage", """{"stage":"lunch"}""").ProblemAsync(400, "BadField");
        Assert.Equal("held", (await clerk.PostAsync($"{Window}/hold").JsonAsync()).GetProperty("state").GetString());
        Assert.Equal("waiting", (await visitor.PostAsync($"/api/v1/tickets/{token}/back").JsonAsync()).GetProperty("state").GetString());
        Assert.Equal("Reserved", (await clerk.PostAsync($"{Window}/call-next").JsonAsync()).GetProperty("reason").GetString());
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        await clerk.PostAsync($"{Window}/accept").JsonAsync();
        await clerk.PostAsync($"{Window}/hold").JsonAsync();
        Assert.Equal("waiting", (await clerk.PostAsync($"{Window}/back", """{"number":"A001"}""").JsonAsync()).GetProperty("state").GetString());
        await clerk.PostAsync($"{Window}/next").JsonAsync();

        await clerk.PostAsync($"{Window}/transfer", """{"line":"a","window":"1"}""").ProblemAsync(400, "BadField");
        await clerk.PostAsync($"{Window}/transfer", """{"window":"9"}""").ProblemAsync(404, "UnknownWindow");
        var passedOn = await clerk.PostAsync($"{Window}/transfer", """{"service":"s","keepPlace":true,"returnHere":true}""").JsonAsync();
        Assert.Equal("waiting", passedOn.GetProperty("state").GetString());
        await clerk.PostAsync($"{Window}/next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        Assert.Equal(("waiting", "paid"), await clerk.PostAsync($"{Window}/finish", """{"outcome":"paid"}""").JsonAsync() is var paid ? (paid.GetProperty("state").GetString(), paid.GetProperty("outcome").GetString()) : default);
        await clerk.PostAsync($"{Window}/next").JsonAsync();
        await clerk.PostAsync($"{Window}/start").JsonAsync();
        Assert.Equal("finished", (await clerk.PostAsync($"{Window}/finish").JsonAsync()).GetProperty("state").GetString());
        var view = await visitor.GetAsync(new Uri($"/api/v1/tickets/{token}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal(["transferred", "served", "served"], view.GetProperty("legs").EnumerateArray().Select(l => l.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Holder_StepsAway_AndIsBack()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        var token = (await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("token").GetString();
        foreach (var wrong in (string[])["""{}""", """{"minutes":0}""", """{"minutes":121}"""]) await visitor.PostAsync($"/api/v1/tickets/{token}/step-away", wrong).ProblemAsync(400, "BadField");
        Assert.Equal("away", (await visitor.PostAsync($"/api/v1/tickets/{token}/step-away", """{"minutes":10}""").JsonAsync()).GetProperty("state").GetString());
        var view = await visitor.GetAsync(new Uri($"/api/v1/tickets/{token}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal((JsonValueKind.String, JsonValueKind.Null), (view.GetProperty("awayUntil").ValueKind, view.GetProperty("ahead").ValueKind));
        Assert.Equal("waiting", (await visitor.PostAsync($"/api/v1/tickets/{token}/back").JsonAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Guide_GivesAClass_WithReasonOrCard()
    {
        await using var host = await DoorHost.StartAsync();
        using var visitor = host.As(null);
        using var guide = host.As("guide@h");
        var id = (await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201)).GetProperty("id").GetString();
        await guide.PostAsync($"{Tickets}/{id}/class", """{}""").ProblemAsync(400, "BadField");
        await guide.PostAsync($"{Tickets}/{id}/class", """{"class":"nobody"}""").ProblemAsync(400, "UnknownClass");
        Assert.Equal("elderly", (await guide.PostAsync($"{Tickets}/{id}/class", """{"class":"elderly"}""").JsonAsync()).GetProperty("class").GetString());
    }

    [Fact]
    public async Task Kiosk_TicketNotPrinted_IsNotLiveUntilItIs()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        var issued = await kiosk.PostAsync(Tickets, """{"service":"s","printed":false}""").JsonAsync(201);
        Assert.Equal("issued", issued.GetProperty("state").GetString());
        var printed = await kiosk.PostAsync($"{Tickets}/{issued.GetProperty("id").GetString()}/printed").JsonAsync();
        Assert.Equal("waiting", printed.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Class_IsGrantedByTheCardOrThePlace()
    {
        await using var host = await DoorHost.StartAsync();
        using var kiosk = host.As("kiosk@h");
        using var guide = host.As("guide@h");
        await kiosk.PostAsync(Tickets, """{"service":"s","class":"elderly","idNumber":"11010519491231002X"}""").JsonAsync(201);
        await guide.PostAsync(Tickets, """{"service":"s","class":"elderly"}""").JsonAsync(201);
        await guide.PostAsync(Tickets, """{"service":"s","class":"green"}""").JsonAsync(201);
        Assert.Contains(("id", "11010519491231002X"), host.People.Seen);
    }

    [Fact]
    public async Task Manager_Suspends_WordsAreShownAndNumbersRefused()
    {
        await using var host = await DoorHost.StartAsync();
        using var manager = host.As("manager@h");
        using var visitor = host.As(null);
        var suspended = await manager.PostAsync("/api/v1/halls/h/suspend", """{"lines":["a"],"reason":"系统故障","until":"2027-01-01T10:00:00+08:00"}""").JsonAsync();
        Assert.Equal("a", suspended.GetProperty("lines")[0].GetString());
        var refused = await visitor.PostAsync(Tickets, """{"service":"s"}""").ProblemAsync(409, "Suspended");
        Assert.Equal("系统故障", refused.GetProperty("reason").GetString());
        var board = await visitor.GetAsync(new Uri("/api/v1/halls/h/board", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        Assert.Equal("系统故障", board.GetProperty("lines")[0].GetProperty("suspended").GetProperty("reason").GetString());
        await manager.PostAsync("/api/v1/halls/h/resume").JsonAsync();
        await visitor.PostAsync(Tickets, """{"service":"s"}""").JsonAsync(201);
    }

    [Fact]
    public async Task Config_ChangesByItsETag_AndKeepsTheCalendarThatIsLeftOut()
    {
        await using var host = await DoorHost.StartAsync();
        using var admin = host.As("admin@h");
        var cancel = TestContext.Current.CancellationToken;
        using var read = await admin.GetAsync(new Uri("/api/v1/halls/h/config", UriKind.Relative), cancel);
        var etag = read.Headers.ETag!.Tag;
        var document = await read.Content.ReadAsStringAsync(cancel);
        var start = document.IndexOf(",\"calendar\"", StringComparison.Ordinal);
        var changed = document[..start].Replace("Test hall", "New name", StringComparison.Ordinal) + "}";

        Assert.Equal(200, (await PutAsync(changed, etag)).Status);
        Assert.Equal(412, (await PutAsync(changed, etag)).Status);
        Assert.Equal(412, (await PutAsync(changed, "\"nonsense\"")).Status);
        var again = await admin.GetStringAsync(new Uri("/api/v1/halls/h/config", UriKind.Relative), cancel);
        Assert.Contains("New name", again, StringComparison.Ordinal);
        Assert.Contains("Asia/Shanghai", again, StringComparison.Ordinal);

        var (status, body) = await PutAsync(document.Replace("\"hall\":\"h\"", "\"hall\":\"o\"", StringComparison.Ordinal), null);
        Assert.Equal((400, "hall"), (status, JsonDocument.Parse(body).RootElement.GetProperty("field").GetString()));

        async Task<(int Status, string Body)> PutAsync(string text, string? ifMatch)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/halls/h/config") { Content = new StringContent(text, System.Text.Encoding.UTF8, "application/json") };
            if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            using var response = await admin.SendAsync(request, cancel);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
        }
    }
}
